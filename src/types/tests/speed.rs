//! How long checking takes; run with `cargo test --release types::tests::speed -- --ignored --nocapture`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use crate::syntax::parse;
use crate::syntax::source::SourceMap;

use super::super::{Assignment, check};

/// A spec of about so many lines.
fn spec(lines: usize) -> String {
    let mut text = String::from(
        "institution big\nenum Conduct { comply, adapt, collude }\nparam n : 2..9 = 4\nposition Centre, County[n]\n",
    );
    for i in 0..lines / 10 {
        let before = i.saturating_sub(1);
        let _ = write!(
            text,
            "state age{i} : 0..5 = 0\n\
             state tie{i}[County] : 0..n + 1 = 0\n\
             state conduct{i}[County] : Conduct = comply\n\
             choice act{i}[c in County] : Conduct by c when tie{i}[c] > 1 else comply\n\
             define near{i}(x, y) = abs(x - y) <= 1 and age{before} < 3\n\
             rule grow{i} for c in County when near{i}(tie{i}[c], age{i}) and tie{i}[c] < n :\n\
             \x20 tie{i}[c]' = tie{i}[c] + 1, conduct{i}[c]' = act{i}[c]\n\
             rule age{i} when age{i} < 5 : age{i}' = age{i} + 1\n\
             sees Centre : age{i}, conduct{i}\n\
             claim q{i} : always (count(c in County : conduct{i}[c] = collude) > 2 implies within 3 age{i} > 0)\n",
        );
    }
    text
}

#[test]
#[ignore = "a measurement"]
fn two_thousand_lines() {
    let text = spec(2000);
    let mut sources = SourceMap::default();
    let started = Instant::now();
    let parsed = parse(sources.add("big.yamen", text.as_str()), &text);
    let read = started.elapsed();
    assert!(parsed.diagnostics.is_empty());
    let tree = super::institution(&mut sources, &text);
    let started = Instant::now();
    let checked = check(&tree, &Assignment::default());
    let took = started.elapsed();
    assert!(checked.model.is_some(), "{:?}", checked.diagnostics.first());
    let lines = text.lines().count();
    writeln!(std::io::stdout(), "{lines} lines: read in {read:?}, checked in {took:?}").unwrap();
}
