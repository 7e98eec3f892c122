//! Claims, scenarios and lemmas: their properties, words and expectations.

use crate::syntax::ast::{self, Decl, Item};
use crate::syntax::diagnostic::Diagnostic;

use super::Checker;
use super::core::{
    Assume, Claim, ClaimKind, Expectation, Expr, ExprKind, Level, ParamId, Property, Type,
};
use super::fragments::{Classifier, Fragment};
use super::messages::{Why, suggest};
use super::names::Symbol;
use super::places::Place;

/// Words that promise less than a universal claim does.
const WEAK: [&str; 7] =
    ["tends to", "tend", "often", "facilitates", "facilitate", "most of the time", "helps"];

impl Checker<'_> {
    pub(crate) fn claim_item(&mut self, item: &Item, source: &ast::Claim) {
        let kind = match &item.decl {
            Decl::Lemma(_) => ClaimKind::Lemma,
            Decl::Scenario(_) => ClaimKind::Scenario,
            _ => ClaimKind::Claim,
        };
        self.quoted(source);
        let assumes: Vec<Option<Assume>> = source
            .assumes
            .iter()
            .map(|named| self.assume(named, named.name.span.to(named.condition.span)))
            .collect();
        let why = Why::new(source.name.span, "a claim is true or false");
        let property = self.expect_truth(&source.property, why);
        let expect = source.expect.as_ref().map(|expect| self.expectation(expect));
        let (Some(property), Some(assumes)) = (property, assumes.into_iter().collect()) else {
            return;
        };
        let Some(property) = self.decidable(kind, source, property) else { return };
        let solve = source.solve.as_ref().and_then(|name| self.solved(name, &property));
        let claim = Claim {
            kind,
            name: source.name.text.clone(),
            title: source.title.as_ref().map(|t| t.text.clone()),
            quotes: source.quotes.iter().map(|(s, t)| (s.text.clone(), t.text.clone())).collect(),
            wording: source.wording.as_ref().map(|t| t.text.clone()),
            assumes,
            property,
            solve,
            expect: expect.flatten(),
            doc: item.doc.clone(),
            span: item.span,
        };
        self.model.claims.push(claim);
    }

    /// The parameter for which a static claim is solved.
    fn solved(&mut self, name: &ast::Name, property: &Expr) -> Option<ParamId> {
        if !matches!(&*property.kind, ExprKind::Property(Property::Valid(_))) {
            let message = "only a claim `valid p` is solved for a parameter";
            let diagnostic = Diagnostic::error("fragment", name.span, message);
            return self.problems.fail(diagnostic.help("write `valid p solve for q`"));
        }
        if let Some((Symbol::Param(param), _)) = self.names.values.get(name.text.as_str()) {
            return Some(*param);
        }
        let message = format!("there is no parameter `{}`", name.text);
        let params = self.names.params.iter().map(|(_, p)| p.name.text.as_str());
        let diagnostic = suggest(
            Diagnostic::error("unknown-name", name.span, message),
            &name.text,
            params,
            "declare it: `param … : real`",
        );
        self.problems.unknown(&name.text, diagnostic)
    }

    fn quoted(&mut self, source: &ast::Claim) {
        for (name, _) in &source.quotes {
            if self.names.sources.contains_key(name.text.as_str()) {
                continue;
            }
            let message = format!("there is no source `{}`", name.text);
            let diagnostic = suggest(
                Diagnostic::error("unknown-source", name.span, message),
                &name.text,
                self.names.sources.keys().copied(),
                "declare it: `source name \"title\"`",
            );
            self.problems.push(diagnostic);
        }
    }

    fn expectation(&mut self, expect: &ast::Expect) -> Option<Expectation> {
        let when = match &expect.when {
            None => None,
            Some(when) => {
                let typed = self.expect_truth(when, Why::new(expect.span, "a condition"));
                Some(self.placed(typed, Place::rigid("an expectation"))?)
            }
        };
        Some(Expectation { verdict: expect.verdict, when })
    }

    /// Sees to it that the property can be decided as what it is.
    fn decidable(&mut self, kind: ClaimKind, source: &ast::Claim, property: Expr) -> Option<Expr> {
        let classifier = Classifier { model: &self.model, kinds: &self.kinds };
        let level = classifier.level(&property);
        let is_static = fragment_of(&property) == Some(Fragment::Static);
        if level < Level::Temporal && !is_static && kind == ClaimKind::Scenario {
            let span = property.span;
            let kind = ExprKind::Property(Property::Possible(property));
            return Some(Self::node(kind, Type::Bool, span));
        }
        if let Err(outside) = classifier.check(&property) {
            return self.problems.fail(outside.diagnostic());
        }
        let fragment = classifier.fragment(&property);
        let wrong = match kind {
            ClaimKind::Lemma if fragment != Fragment::Safety => {
                Some("a lemma is an invariant: `always p` or `never p`")
            }
            ClaimKind::Scenario
                if fragment == Fragment::Safety || fragment == Fragment::Temporal =>
            {
                Some("a scenario is a run to be found: `possible p`")
            }
            _ => None,
        };
        if let Some(message) = wrong {
            return self.problems.fail(
                Diagnostic::error("fragment", property.span, message)
                    .label(format!("this is a {} property", fragment.name()))
                    .help("make it a `claim`, or restate it"),
            );
        }
        if level < Level::Temporal && !is_static {
            self.problems.push(
                Diagnostic::warning(
                    "names-no-time",
                    property.span,
                    "this speaks of the first period only",
                )
                .help("write `always …` or `never …` for every period"),
            );
        }
        self.weak_words(source, fragment, &property);
        Some(property)
    }

    fn weak_words(&mut self, source: &ast::Claim, fragment: Fragment, property: &Expr) {
        let Some(wording) = &source.wording else { return };
        let universal = !matches!(fragment, Fragment::Reachability | Fragment::Static)
            && !matches!(&*property.kind, ExprKind::Property(Property::Force { .. }));
        let words = wording.text.to_lowercase();
        let weak = WEAK.iter().find(|weak| contains_words(&words, weak));
        if let (true, Some(weak)) = (universal, weak) {
            self.problems.push(
                Diagnostic::warning(
                    "weak-wording",
                    wording.span,
                    format!("`{weak}` is weaker than what is claimed"),
                )
                .also(property.span, "this is claimed of every run")
                .help("claim that it can happen, `possible …`, or say why every run is meant"),
            );
        }
    }
}

/// The fragment that the outermost operator settles.
fn fragment_of(property: &Expr) -> Option<Fragment> {
    match &*property.kind {
        ExprKind::Property(
            Property::Valid(_) | Property::Consistent(_) | Property::Inconsistent(_),
        ) => Some(Fragment::Static),
        _ => None,
    }
}

/// Whether `words` occur in `text` as whole words.
fn contains_words(text: &str, words: &str) -> bool {
    let tokens: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|t| !t.is_empty()).collect();
    let wanted: Vec<&str> = words.split(' ').collect();
    tokens.windows(wanted.len()).any(|window| window == wanted)
}
