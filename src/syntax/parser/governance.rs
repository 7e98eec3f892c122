//! Governance words: hierarchy, holders, norms, accountability, promotion, campaigns.

use super::super::ast::{Accountability, Campaign, Decl, Deontic, Lasts, Norm, Promotion, Rotate};
use super::super::ast::{Expr, Ties, TiesFate};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::expressions::level;
use super::words::nearest;

/// What begins a clause of a campaign.
const CLAUSES: [&str; 5] = ["trigger", "announced", "lasts", "at most", "gap"];

impl Parser<'_> {
    /// `hierarchy Centre > Province[2] > County[3]`
    pub(super) fn hierarchy(&mut self) -> Parse<Decl> {
        let mut levels = vec![self.family()?];
        while self.eat(Kind::Gt) {
            levels.push(self.family()?);
        }
        if self.is(Kind::Comma) && self.kind_at(self.at + 1) == Kind::Name {
            return self.unexpected("`>` between the levels");
        }
        Ok(Decl::Hierarchy { levels })
    }

    pub(super) fn holds(&mut self) -> Parse<Decl> {
        let posts = self.names("the name of a post")?;
        self.expect(Kind::By, "`by` and the persons")?;
        Ok(Decl::Holds { posts, person: self.name("the name of a person sort")? })
    }

    // --- Norms -----------------------------------------------------------

    pub(super) fn norm(&mut self) -> Parse<Decl> {
        let name = self.name("the norm's name")?;
        self.expect(Kind::Colon, "`:` and whom the norm binds")?;
        let subject = self.subject()?;
        let deontic = self.deontic()?;
        let aim = self.expression()?;
        let mut norm =
            Norm { name, subject, deontic, aim, condition: None, within: None, sanction: None };
        loop {
            match self.kind() {
                Kind::When if norm.condition.is_some() => return self.twice("when"),
                Kind::Within if norm.within.is_some() => return self.twice("within"),
                Kind::Or if norm.sanction.is_some() => return self.twice("or else"),
                Kind::When => {
                    self.bump();
                    norm.condition = Some(self.expression()?);
                }
                Kind::Within => norm.within = self.deadline()?,
                Kind::Or => {
                    self.bump();
                    self.expect(Kind::Else, "`else` and the sanction")?;
                    norm.sanction = Some(self.expression()?);
                }
                _ => return Ok(Decl::Norm(norm)),
            }
        }
    }

    fn deontic(&mut self) -> Parse<Deontic> {
        if self.eat_word("may") {
            return Ok(Deontic::May);
        }
        if self.eat_word("must") {
            let not = self.eat(Kind::Not);
            return Ok(if not { Deontic::MustNot } else { Deontic::Must });
        }
        self.unexpected("`must`, `must not` or `may`")
    }

    // --- Accountability and careers --------------------------------------

    pub(super) fn accountability(&mut self) -> Parse<Decl> {
        let name = self.name("a name")?;
        let (mut subject, mut judge, mut fault, mut sanction) = (None, None, None, None);
        loop {
            if self.eat_word("of") {
                subject = Some(self.subject()?);
            } else if self.eat_word("to") {
                judge = Some(self.operand(level::ADD)?);
            } else if self.is_word("sanction") {
                self.skip();
                sanction = Some(self.operand(level::ADD)?);
            } else if self.eat(Kind::For) {
                fault = Some(self.expression()?);
            } else {
                break;
            }
        }
        let Some(subject) = subject else { return self.unexpected("`of` and who answers") };
        let Some(judge) = judge else { return self.unexpected("`to` and to whom") };
        let Some(fault) = fault else { return self.unexpected("`for` and for what") };
        let Some(sanction) = sanction else {
            return self.unexpected("`sanction` and what follows");
        };
        Ok(Decl::Accountability(Accountability { name, subject, judge, fault, sanction }))
    }

    pub(super) fn promotion(&mut self) -> Parse<Decl> {
        let name = self.name("a name")?;
        let (mut from, mut to, mut condition, mut decider) = (None, None, None, None);
        let mut ties = Vec::new();
        loop {
            if self.eat_word("from") {
                from = Some(self.subject()?);
            } else if self.eat_word("to") {
                to = Some(self.operand(level::ADD)?);
            } else if self.is(Kind::When) {
                if condition.is_some() {
                    return self.twice("when");
                }
                self.bump();
                condition = Some(self.expression()?);
            } else if self.eat(Kind::By) {
                decider = Some(self.operand(level::ADD)?);
            } else if self.is_word("ties") {
                self.ties(&mut ties)?;
            } else {
                break;
            }
        }
        let Some(from) = from else { return self.unexpected("`from` and the posts below") };
        let Some(to) = to else { return self.unexpected("`to` and the post above") };
        Ok(Decl::Promotion(Promotion { name, from, to, condition, decider, ties }))
    }

    pub(super) fn rotate(&mut self) -> Parse<Decl> {
        let post = self.name("the name of a post")?;
        self.expect_word("every")?;
        let every = self.operand(level::ADD)?;
        if self.is_word("period") || self.is_word("periods") {
            self.skip();
        }
        let mut ties = Vec::new();
        while self.is_word("ties") {
            self.ties(&mut ties)?;
        }
        Ok(Decl::Rotate(Rotate { post, every, ties }))
    }

    /// `ties a lapse, b follow`
    fn ties(&mut self, ties: &mut Vec<Ties>) -> Parse<()> {
        self.skip();
        loop {
            let cell = self.name("the cell that counts the ties")?;
            let fate = if self.eat_word("lapse") {
                TiesFate::Lapse
            } else if self.eat_word("follow") {
                TiesFate::Follow
            } else {
                return self.unexpected("`lapse` or `follow`");
            };
            ties.push(Ties { cell, fate });
            let after = self.at + 2;
            let goes_on = self.is_word_at(after, "lapse") || self.is_word_at(after, "follow");
            if !(self.is(Kind::Comma) && goes_on) {
                return Ok(());
            }
            self.skip();
        }
    }

    // --- Campaigns -------------------------------------------------------

    pub(super) fn campaign(&mut self) -> Parse<Decl> {
        let name = self.name("the campaign's name")?;
        let campaign = Campaign {
            name,
            triggers: Vec::new(),
            launcher: None,
            announced: None,
            lasts: Lasts::OnePeriod,
            at_most: None,
            gap: None,
        };
        if !self.is(Kind::OpenCurly) {
            return self.unexpected("`{` and the clauses of the campaign");
        }
        let mut read = campaign;
        self.bracketed(|| (), |parser| parser.campaign_clauses(&mut read))?;
        Ok(Decl::Campaign(read))
    }

    fn campaign_clauses(&mut self, campaign: &mut Campaign) -> Parse<()> {
        loop {
            self.separators();
            if self.is(Kind::CloseCurly) {
                return Ok(());
            }
            if self.eat(Kind::By) {
                let launcher = self.operand(level::ADD)?;
                self.set_once(&mut campaign.launcher, launcher, "by")?;
                continue;
            }
            match self.word_at(self.at) {
                "trigger" => {
                    self.skip();
                    let name = self.name("the trigger's name")?;
                    self.expect(Kind::When, "`when` and a condition")?;
                    campaign.triggers.push((name, self.expression()?));
                }
                "announced" => {
                    self.skip();
                    let lead = self.operand(level::ADD)?;
                    self.periods();
                    self.eat_word("before");
                    self.set_once(&mut campaign.announced, lead, "announced")?;
                }
                "lasts" => campaign.lasts = self.lasts(campaign)?,
                "at" if self.is_word_at(self.at + 1, "most") => {
                    let most = self.at_most()?;
                    self.set_once(&mut campaign.at_most, most, "at most")?;
                }
                "gap" => {
                    self.skip();
                    let gap = self.operand(level::ADD)?;
                    self.periods();
                    self.set_once(&mut campaign.gap, gap, "gap")?;
                }
                _ => return self.no_campaign_clause(),
            }
        }
    }

    fn no_campaign_clause<T>(&mut self) -> Parse<T> {
        let near = nearest(self.word_at(self.at), CLAUSES.iter().copied());
        let Some(word) = near.filter(|_| self.is(Kind::Name)) else {
            return self.unexpected(
                "a clause (`trigger`, `by`, `announced`, `lasts`, `at most` or `gap`)",
            );
        };
        let message = format!("{} begins no clause of a campaign", self.found());
        let diagnostic = Diagnostic::error("unexpected-token", self.span_at(self.at), message)
            .help(format!("did you mean `{word}`?"));
        self.stop(diagnostic)
    }

    fn set_once(&mut self, place: &mut Option<Expr>, value: Expr, word: &str) -> Parse<()> {
        if place.is_some() {
            let span = value.span;
            let diagnostic =
                Diagnostic::error("repeated-clause", span, format!("a second `{word}`"))
                    .help(format!("keep one `{word}`"));
            self.report(diagnostic);
        }
        *place = Some(value);
        Ok(())
    }

    fn lasts(&mut self, campaign: &Campaign) -> Parse<Lasts> {
        if !matches!(campaign.lasts, Lasts::OnePeriod) {
            return self.twice("lasts");
        }
        self.skip();
        if self.eat(Kind::Until) {
            return Ok(Lasts::Until(self.expression()?));
        }
        let periods = self.operand(level::ADD)?;
        self.periods();
        Ok(Lasts::Periods(periods))
    }

    fn at_most(&mut self) -> Parse<Expr> {
        self.skip();
        self.skip();
        let most = self.operand(level::ADD)?;
        self.periods();
        Ok(most)
    }

    /// The word `periods` after a number may be written or not.
    fn periods(&mut self) {
        if self.is_word("period") || self.is_word("periods") {
            self.skip();
        }
    }
}
