//! Campaigns: idle, announced, active, and back; each change of phase is one rule.
//!
//! # The calendar, derived
//!
//! *Launch* in period `i`: idle, rested, some trigger holds, and the launcher
//! (if there is one) so chooses. With lead `L`, the phase is announced at the
//! start of `i+1 ..= i+L`, and `countdown` is `L` at `i+1`, then one less each
//! period, so 1 at `i+L`: that is the period in which the campaign *starts*. It
//! is active from `i+L+1`. With `L = 0` it starts in `i` itself.
//!
//! *End.* `left` is the number of active periods to come, this one included: it
//! is `n` at the start of the first active period and 1 at that of the `n`-th,
//! in which the campaign ends. `lasts until p` ends in the first active period
//! in which `p` holds; `at most n` ends it in the `n`-th at the latest.
//!
//! *Rest.* If it ends in `j`, `rest` is `g` at `j+1` and 1 at `j+g`; a launch
//! needs `rest = 0`, so none comes in `j+1 ..= j+g`, and one may in `j+g+1`.
//!
//! Starts, ends and launches are defined on the state before and this period's
//! inputs, never on a primed cell of the campaign, so no cycle arises; the
//! guards of the rules are exclusive, so no two of them write one cell.

use super::counting::{self, Reach};
use super::make::{Draw, Make, literal};
use super::output::Output;
use super::table::Table;
use crate::syntax::ast::{BinaryOp, Campaign, Decl, Expr, Item, Lasts, Name, Update};
use crate::syntax::diagnostic::Diagnostic;

/// Writes a campaign out.
pub fn elaborate(
    campaign: &Campaign,
    item: &Item,
    items: &[Item],
    table: &Table,
    out: &mut Output,
) {
    check(campaign, out);
    let plan = Plan::of(campaign, item, items, table);
    plan.sorts(out);
    plan.cells(item, out);
    plan.events(out);
    plan.rules(out);
}

/// Messages about a campaign that could never run as written.
fn check(campaign: &Campaign, out: &mut Output) {
    let name = &campaign.name;
    if campaign.triggers.is_empty() {
        out.report(
            Diagnostic::error(
                "campaign-without-trigger",
                name.span,
                format!("nothing can set off campaign `{}`: it has no trigger", name.text),
            )
            .help(
                "add `trigger drift when deviation >= 3`; for a campaign by fiat, \
                 `trigger fiat when true` together with `by` the one who launches it",
            ),
        );
    }
    let zero = |expr: &Expr| literal(expr) == Some(0);
    let lasts = match &campaign.lasts {
        Lasts::Periods(n) => Some(n),
        _ => None,
    };
    for length in campaign.at_most.iter().chain(lasts).filter(|n| zero(n)) {
        let message = format!("campaign `{}` would last no period at all", name.text);
        out.report(
            Diagnostic::error("campaign-without-length", length.span, message)
                .help("write at least 1; a campaign is active in as many periods as it lasts"),
        );
    }
    let mut seen: Vec<&Name> = Vec::new();
    for (trigger, _) in &campaign.triggers {
        let earlier = seen.iter().find(|s| s.text == trigger.text);
        if let Some(earlier) = earlier {
            let message = format!("trigger `{}` is declared twice", trigger.text);
            out.report(
                Diagnostic::error("duplicate-trigger", trigger.span, message)
                    .also(earlier.span, "first here")
                    .help("give each trigger its own name, or join their conditions by `or`"),
            );
        }
        if trigger.text == "none" {
            out.report(
                Diagnostic::error(
                    "reserved-trigger",
                    trigger.span,
                    "no trigger can be called `none`",
                )
                .note(format!("`{}.trigger` is `none` while no campaign runs", name.text))
                .help("choose another name"),
            );
        }
        seen.push(trigger);
    }
}

/// A campaign with everything decided that its rules depend on.
struct Plan<'a> {
    campaign: &'a Campaign,
    make: Make,
    /// Periods between launch and start; `None` if it is 0.
    lead: Option<Expr>,
    /// The most periods it is active; `None` if it has no clock.
    length: Option<Expr>,
    gap: Option<Expr>,
    countdown: bool,
    trigger: bool,
    count: Reach,
    announced: bool,
    active: bool,
}

impl<'a> Plan<'a> {
    fn of(campaign: &'a Campaign, item: &Item, items: &[Item], table: &Table) -> Self {
        let make = Make { span: item.span };
        let name = |part: &str| format!("{}.{part}", campaign.name.text);
        let some = |e: &Option<Expr>| e.clone().filter(|e| literal(e) != Some(0));
        let lead = some(&campaign.announced);
        let length = match (&campaign.lasts, campaign.at_most.clone()) {
            (Lasts::OnePeriod, _) => None,
            (Lasts::Periods(n), None) => Some(n.clone()),
            (Lasts::Periods(n), Some(most)) => Some(make.call("min", vec![n.clone(), most])),
            (Lasts::Until(_), most) => most,
        };
        let one_period = length.as_ref().and_then(literal) == Some(1);
        let countdown = name("countdown");
        Plan {
            make,
            countdown: table.read(&countdown)
                || lead.as_ref().is_some_and(|l| literal(l) != Some(1)),
            lead,
            length: length.filter(|_| !one_period),
            gap: some(&campaign.gap),
            trigger: table.read(&name("trigger")),
            count: counting::reach(items, table, &[&name("count")]),
            announced: table.read(&name("announced")),
            active: table.read(&name("active")),
            campaign,
        }
    }

    fn name(&self, part: &str) -> String {
        format!("{}.{part}", self.campaign.name.text)
    }

    fn read(&self, part: &str) -> Expr {
        self.make.name(self.name(part))
    }

    fn doc(&self, words: impl std::fmt::Display) -> String {
        format!("campaign `{}`: {words}", self.campaign.name.text)
    }

    fn in_phase(&self, phase: &str) -> Expr {
        self.make.eq(self.read("phase"), self.make.name(phase))
    }

    fn number(&self, part: &str, op: BinaryOp, value: u32) -> Expr {
        self.make.binary(op, self.read(part), self.make.int(value))
    }

    fn sorts(&self, out: &mut Output) {
        let make = self.make;
        let phases = ["idle", "announced", "active"].map(|m| make.id(m)).to_vec();
        let phase = Decl::Enum { name: make.id(self.name("Phase")), members: phases };
        out.push(make.item(phase, self.doc("its phases")));
        if !self.trigger {
            return;
        }
        let triggers = self.campaign.triggers.iter().map(|(name, _)| name.clone());
        let members = std::iter::once(make.id("none")).chain(triggers).collect();
        let trigger = Decl::Enum { name: make.id(self.name("Trigger")), members };
        out.push(make.item(trigger, self.doc("what may set it off")));
    }

    fn cells(&self, item: &Item, out: &mut Output) {
        let make = self.make;
        let zero = || make.int(0);
        let phase = make.of_sort(&self.name("Phase"));
        let doc = out.doc(item, self.doc("its phase"));
        out.push(make.state(&self.name("phase"), &[], phase, make.name("idle"), doc));
        if self.countdown {
            let ty = make.up_to(self.lead.clone().unwrap_or_else(zero));
            let doc = self.doc("periods to its start, this one included; 0 when not announced");
            out.push(make.state(&self.name("countdown"), &[], ty, zero(), doc));
        }
        if let Some(length) = &self.length {
            let ty = make.up_to(length.clone());
            let doc = self.doc("active periods to come, this one included; 0 when not active");
            out.push(make.state(&self.name("left"), &[], ty, zero(), doc));
        }
        if let Some(gap) = &self.gap {
            let doc = self.doc("periods of rest to come, this one included");
            out.push(make.state(&self.name("rest"), &[], make.up_to(gap.clone()), zero(), doc));
        }
        if self.trigger {
            let ty = make.of_sort(&self.name("Trigger"));
            let doc = self.doc("what set off the campaign under way");
            out.push(make.state(&self.name("trigger"), &[], ty, make.name("none"), doc));
        }
        if self.count != Reach::Unread {
            let ty = counting::counter_type(make, self.count);
            let doc = self.doc("how many have started so far");
            out.push(make.state(&self.name("count"), &[], ty, zero(), doc));
        }
    }

    /// The events, in an order in which each reads only those before it.
    fn events(&self, out: &mut Output) {
        let make = self.make;
        let mut define = |part: &str, body: Expr, words: &str| {
            out.push(make.define(&self.name(part), &[], body, self.doc(words)));
        };
        if self.announced {
            define("announced", self.in_phase("announced"), "announced, and not yet started");
        }
        if self.active {
            define("active", self.in_phase("active"), "under way");
        }
        let triggers = self.campaign.triggers.iter().map(|(_, when)| when.clone());
        let rested = self.gap.as_ref().map(|_| self.number("rest", BinaryOp::Eq, 0));
        let open = rested.into_iter().chain([make.or(triggers)]);
        let open = make.and(std::iter::once(self.in_phase("idle")).chain(open));
        match &self.campaign.launcher {
            None => define("launch", open, "set off in this period"),
            Some(owner) => {
                let draw = Draw { owner: Some(owner.clone()), when: Some(open), condition: None };
                let doc = self.doc("launched in this period, where it may be");
                out.push(make.input(&self.name("launch"), &[], make.ty_bool(), draw, doc));
            }
        }
        let mut define = |part: &str, body: Expr, words: &str| {
            out.push(make.define(&self.name(part), &[], body, self.doc(words)));
        };
        define("starts", self.starts(), "starts in this period, active from the next");
        define("ends", self.ends(), "its last active period");
        let tick = Decl::Tick { name: self.campaign.name.clone(), when: self.read("ends") };
        out.push(make.item(tick, self.doc("counts as an event when it ends")));
    }

    fn starts(&self) -> Expr {
        let make = self.make;
        let Some(lead) = &self.lead else { return self.read("launch") };
        let due = match self.countdown {
            true => self.number("countdown", BinaryOp::Eq, 1),
            false => make.bool(true),
        };
        let due = make.and([self.in_phase("announced"), due]);
        match literal(lead) {
            Some(_) => due,
            None => {
                let at_once = make.eq(lead.clone(), make.int(0));
                make.or([make.and([self.read("launch"), at_once]), due])
            }
        }
    }

    fn ends(&self) -> Expr {
        let make = self.make;
        let clock = self.length.as_ref().map(|_| self.number("left", BinaryOp::Le, 1));
        let over = match (&self.campaign.lasts, clock) {
            (Lasts::Until(p), None) if self.campaign.at_most.is_none() => p.clone(),
            (Lasts::Until(p), Some(clock)) => make.or([p.clone(), clock]),
            (_, Some(clock)) => clock,
            (_, None) => make.bool(true),
        };
        make.and([self.in_phase("active"), over])
    }

    fn rules(&self, out: &mut Output) {
        let make = self.make;
        let mut rule = |part: &str, guard: Expr, updates: Vec<Update>, words: &str| {
            out.push(make.rule(&self.name(part), &[], guard, updates, self.doc(words)));
        };
        if let Some(lead) = &self.lead {
            let delayed = match literal(lead) {
                Some(_) => make.bool(true),
                None => make.binary(BinaryOp::Gt, lead.clone(), make.int(0)),
            };
            let guard = make.and([self.read("launch"), delayed]);
            rule("announce", guard, self.announce(lead), "its announcement");
        }
        if self.lead.is_some() && self.countdown {
            let guard =
                make.and([self.in_phase("announced"), self.number("countdown", BinaryOp::Gt, 1)]);
            let fewer = make.minus(self.read("countdown"), make.int(1));
            let updates = vec![self.set("countdown", fewer)];
            rule("wait", guard, updates, "counts down to its start");
        }
        rule("start", self.read("starts"), self.start(), "its start");
        if self.length.is_some() {
            let going = make.not(self.read("ends"));
            let guard = make.and([self.in_phase("active"), going]);
            let fewer = make.minus(self.read("left"), make.int(1));
            rule("run", guard, vec![self.set("left", fewer)], "counts its active periods");
        }
        rule("end", self.read("ends"), self.end(), "its end");
        if self.gap.is_some() {
            let guard = make.and([self.in_phase("idle"), self.number("rest", BinaryOp::Gt, 0)]);
            let fewer = make.minus(self.read("rest"), make.int(1));
            rule("recover", guard, vec![self.set("rest", fewer)], "counts the rest after it");
        }
    }

    fn set(&self, part: &str, value: Expr) -> Update {
        self.make.update(&self.name(part), &[], value)
    }

    fn announce(&self, lead: &Expr) -> Vec<Update> {
        let mut updates = vec![self.set("phase", self.make.name("announced"))];
        if self.countdown {
            updates.push(self.set("countdown", lead.clone()));
        }
        if self.trigger {
            updates.push(self.set("trigger", self.first_trigger()));
        }
        updates
    }

    fn start(&self) -> Vec<Update> {
        let make = self.make;
        let mut updates = vec![self.set("phase", make.name("active"))];
        if self.countdown && self.lead.is_some() {
            updates.push(self.set("countdown", make.int(0)));
        }
        if let Some(length) = &self.length {
            updates.push(self.set("left", length.clone()));
        }
        if self.count != Reach::Unread {
            let count = counting::counted(make, self.count, self.read("count"));
            updates.push(self.set("count", count));
        }
        if self.trigger {
            updates.extend(self.trigger_at_start().map(|value| self.set("trigger", value)));
        }
        updates
    }

    /// The trigger is latched at the launch, which is the start if there is no lead.
    fn trigger_at_start(&self) -> Option<Expr> {
        let first = self.first_trigger();
        match &self.lead {
            None => Some(first),
            Some(lead) if literal(lead).is_some() => None,
            Some(_) => Some(self.make.choose(self.read("launch"), first, self.read("trigger"))),
        }
    }

    /// The first trigger that holds, in the order written; at a launch one does.
    fn first_trigger(&self) -> Expr {
        let mut names = self.campaign.triggers.iter().rev();
        let last = names.next().map_or("none", |(name, _)| name.text.as_str());
        names.fold(self.make.name(last), |rest, (name, when)| {
            self.make.choose(when.clone(), self.make.name(&name.text), rest)
        })
    }

    fn end(&self) -> Vec<Update> {
        let make = self.make;
        let mut updates = vec![self.set("phase", make.name("idle"))];
        if self.length.is_some() {
            updates.push(self.set("left", make.int(0)));
        }
        if let Some(gap) = &self.gap {
            updates.push(self.set("rest", gap.clone()));
        }
        if self.trigger {
            updates.push(self.set("trigger", make.name("none")));
        }
        updates
    }
}
