//! AIGER 1.9 (Biere, Heljanko and Wieringa 2011), ASCII and binary.
//!
//! AIGER's constraints hold in every step up to and including the bad one, ours
//! only before it: a step is written as valid if it is, or if it is bad. First
//! states that are not resets need a latch `first`, true in the first state only.
//! What is known of every state is written as a constraint.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use crate::circuit::graph::Copier;
use crate::circuit::{Circuit, Edge, Gate, Input, Latch};

pub use super::btor2::{Circuits, Fault};

/// A circuit in the shape that AIGER and our BTOR2 have: resets and constraints on every step.
#[derive(Clone, Debug)]
pub struct Flat {
    /// Latches, inputs, target; its other constraints are said by the fields below.
    pub circuit: Circuit,
    /// By latch: its only first value, if it has one.
    pub reset: Vec<Option<bool>>,
    /// What holds in every step up to and including the bad one.
    pub constraints: Vec<Edge>,
}

/// Brings a circuit into AIGER's shape, with only the gates that it needs.
pub fn flat(circuit: &Circuit) -> Flat {
    let mut reset = circuit.reset();
    let mut small = Circuit::default();
    let mut copier = Copier::new(&circuit.graph);
    // AIGER wants inputs, latches and gates to be numbered in this order.
    let inputs = circuit.inputs.iter().map(|i| i.leaf);
    for leaf in inputs.chain(circuit.latches.iter().map(|l| l.leaf)) {
        copier.set(leaf.node(), small.graph.leaf());
    }
    let entangled = circuit.entangled_init();
    let first = (!entangled.is_empty()).then(|| small.graph.leaf());
    let mut copy = |edge: Edge| copier.copy(&circuit.graph, &mut small.graph, edge);
    small.inputs =
        circuit.inputs.iter().map(|i| Input { leaf: copy(i.leaf), name: i.name.clone() }).collect();
    small.latches = circuit
        .latches
        .iter()
        .map(|l| Latch { leaf: copy(l.leaf), next: copy(l.next), name: l.name.clone() })
        .collect();
    small.bad = copy(circuit.bad);
    let steps: Vec<Edge> = circuit.step.iter().map(|e| copy(*e)).collect();
    let starts: Vec<Edge> = entangled.iter().map(|e| copy(*e)).collect();
    let mut constraints: Vec<Edge> = circuit.always.iter().map(|e| copy(*e)).collect();
    // Many small constraints rather than one large: readers handle them better.
    let bad = small.bad;
    constraints.extend(steps.iter().map(|step| small.graph.or(*step, bad)));
    if let Some(later) = first {
        constraints.extend(starts.iter().map(|start| small.graph.or(later, *start)));
        small.latches.push(Latch { leaf: later, next: Edge::TRUE, name: "later".to_owned() });
        reset.push(Some(false));
    }
    constraints.retain(|e| *e != Edge::TRUE);
    Flat { circuit: small, reset, constraints }
}

/// Writes a circuit; binary AIGER (`aig`) or ASCII (`aag`), with a symbol table.
pub fn write(circuit: &Circuit, binary: bool) -> Vec<u8> {
    let flat = flat(circuit);
    let circuit = &flat.circuit;
    let numbers = numbers(circuit);
    let code = |edge: Edge| {
        let number = numbers.get(edge.index()).copied().unwrap_or(0);
        2 * number + usize::from(edge.is_negated())
    };
    let gates: Vec<(Edge, Edge, Edge)> = circuit
        .graph
        .gates()
        .filter_map(|(node, gate)| match gate {
            Gate::And(a, b) => Some((Edge::to(node), a, b)),
            _ => None,
        })
        .collect();
    let (i, l, a) = (circuit.inputs.len(), circuit.latches.len(), gates.len());
    let (format, m, c) = (if binary { "aig" } else { "aag" }, i + l + a, flat.constraints.len());
    let mut text = format!("{format} {m} {i} {l} 0 {a} 1 {c}\n");
    if !binary {
        circuit.inputs.iter().for_each(|input| line(&mut text, &[code(input.leaf)]));
    }
    for (latch, reset) in circuit.latches.iter().zip(&flat.reset) {
        let start = reset.map_or(code(latch.leaf), usize::from);
        let whole = [code(latch.leaf), code(latch.next), start];
        line(&mut text, if binary { whole.get(1..).unwrap_or(&whole) } else { &whole });
    }
    line(&mut text, &[code(circuit.bad)]);
    flat.constraints.iter().for_each(|edge| line(&mut text, &[code(*edge)]));
    let mut bytes = text.into_bytes();
    for (output, a, b) in gates {
        let (large, small) = (code(a).max(code(b)), code(a).min(code(b)));
        if binary {
            push_delta(&mut bytes, code(output) - large);
            push_delta(&mut bytes, large - small);
        } else {
            let mut text = String::new();
            line(&mut text, &[code(output), large, small]);
            bytes.extend(text.into_bytes());
        }
    }
    bytes.extend(symbols(circuit).into_bytes());
    bytes
}

fn line(text: &mut String, numbers: &[usize]) {
    let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
    text.push_str(&words.join(" "));
    text.push('\n');
}

/// By node: its variable in the file: inputs, then latches, then gates.
fn numbers(circuit: &Circuit) -> Vec<usize> {
    let mut numbers = vec![0; circuit.graph.len()];
    let inputs = circuit.inputs.iter().map(|i| i.leaf);
    let leaves = inputs.chain(circuit.latches.iter().map(|l| l.leaf));
    let is_gate = |(_, gate): &(u32, Gate)| matches!(gate, Gate::And(..));
    let gates = circuit.graph.gates().filter(is_gate).map(|(node, _)| Edge::to(node));
    for (n, edge) in leaves.chain(gates).enumerate() {
        if let Some(place) = numbers.get_mut(edge.index()) {
            *place = n + 1;
        }
    }
    numbers
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn push_delta(bytes: &mut Vec<u8>, delta: usize) {
    let mut rest = delta;
    while rest >= 128 {
        bytes.push((rest & 127) as u8 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// The symbol table. Names are made different from each other: ABC refuses a file in which two are alike.
fn symbols(circuit: &Circuit) -> String {
    let mut text = String::new();
    let mut taken = FxHashSet::default();
    let inputs = circuit.inputs.iter().map(|i| &i.name).enumerate().map(|(n, name)| ('i', n, name));
    let latches = circuit.latches.iter().map(|l| &l.name).enumerate();
    for (kind, n, name) in inputs.chain(latches.map(|(n, name)| ('l', n, name))) {
        let base = name.replace('\n', " ");
        let others = (2..).map(|n: usize| format!("{base}~{n}"));
        let free = std::iter::once(base.clone()).chain(others).find(|name| !taken.contains(name));
        let name = free.unwrap_or(base);
        taken.insert(name.clone());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{kind}{n} {name}");
    }
    text
}

/// Reads a file as circuits: one for each bad state and each justice; one for each output where neither is declared.
///
/// # Errors
/// Where the bytes are no AIGER.
pub fn circuits(bytes: &[u8]) -> Result<Circuits, Fault> {
    let mut reader = Reader { bytes, at: 0, line: 1, edges: Vec::new() };
    reader.file().map_err(|message| Fault { line: reader.line, message })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    /// By variable of the file.
    edges: Vec<Option<Edge>>,
}

type Read<T> = Result<T, String>;

/// A latch as written.
struct Row {
    latch: Latch,
    next: usize,
    reset: Option<bool>,
}

/// What a file lists besides its latches, as written.
struct Lists {
    outputs: Vec<usize>,
    bads: Vec<usize>,
    constraints: Vec<usize>,
    justice: Vec<Vec<usize>>,
    fair: Vec<usize>,
}

impl Reader<'_> {
    fn file(&mut self) -> Read<Circuits> {
        let header = self.words()?;
        let binary = match header.first().map(String::as_str) {
            Some("aig") => true,
            Some("aag") => false,
            _ => return Err("the first word is `aag` or `aig`".to_owned()),
        };
        let counts: Vec<usize> = header.iter().skip(1).map(|w| number(w)).collect::<Read<_>>()?;
        if counts.len() < 5 {
            return Err("the header has five numbers or more".to_owned());
        }
        let count = |n: usize| counts.get(n).copied().unwrap_or(0);
        let [m, i, l, o, a, b, c, j, f] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(count);
        let declared =
            [i, l, o, a, b, c, j, f].iter().try_fold(0usize, |sum, n| sum.checked_add(*n));
        if m > self.bytes.len().saturating_mul(8)
            || declared.is_none_or(|n| n > 8 * m + 8 + self.bytes.len())
        {
            return Err("more is declared than the file can hold".to_owned());
        }
        let mut circuit = Circuit::default();
        self.edges = vec![None; m + 1];
        self.define(0, Edge::FALSE)?;
        for n in 0..i {
            let code = if binary { 2 * (n + 1) } else { self.numbers(1)?.0 };
            let leaf = circuit.graph.leaf();
            self.define(code, leaf)?;
            circuit.inputs.push(Input { leaf, name: format!("i{n}") });
        }
        let mut rows = Vec::new();
        for n in 0..l {
            rows.push(self.latch(
                &mut circuit,
                n,
                if binary { Some(2 * (i + n + 1)) } else { None },
            )?);
        }
        let listed = |reader: &mut Self, count: usize| {
            (0..count)
                .map(|_| reader.numbers(1).map(|(code, _)| code))
                .collect::<Read<Vec<usize>>>()
        };
        let outputs = listed(self, o)?;
        let bads = listed(self, b)?;
        let constraints = listed(self, c)?;
        let sizes = listed(self, j)?;
        let justice = sizes.iter().map(|size| listed(self, *size)).collect::<Read<_>>()?;
        let fair = listed(self, f)?;
        if binary {
            self.binary_gates(&mut circuit, i + l, a)?;
        } else {
            self.ascii_gates(&mut circuit, a)?;
        }
        let names = self.symbols(&mut circuit, &mut rows);
        let lists = Lists { outputs, bads, constraints, justice, fair };
        self.finish(circuit, rows, lists, &names)
    }

    fn finish(
        &mut self,
        mut circuit: Circuit,
        rows: Vec<Row>,
        lists: Lists,
        names: &[(String, String)],
    ) -> Read<Circuits> {
        for mut row in rows {
            row.latch.next = self.edge(row.next)?;
            circuit.init.extend(row.reset.map(|value| row.latch.leaf ^ !value));
            circuit.latches.push(row.latch);
        }
        let edges =
            |codes: &[usize]| codes.iter().map(|code| self.edge(*code)).collect::<Read<_>>();
        let name = |kind: &str, n: usize| {
            let place = format!("{kind}{n}");
            let named = names.iter().find(|(at, _)| *at == place).map(|(_, name)| name.clone());
            named.unwrap_or(place)
        };
        circuit.step = edges(&lists.constraints)?;
        let valid = circuit.graph.all(circuit.step.clone());
        let old = lists.bads.is_empty() && lists.justice.is_empty();
        let (kind, targets) = if old { ("o", lists.outputs) } else { ("b", lists.bads) };
        let mut found = Circuits::default();
        for (n, code) in targets.into_iter().enumerate() {
            let mut circuit = circuit.clone();
            circuit.bad = circuit.graph.and(valid, self.edge(code)?);
            found.bad.push((name(kind, n), circuit));
        }
        let fair: Vec<Edge> = edges(&lists.fair)?;
        for (n, codes) in lists.justice.iter().enumerate() {
            let mut met: Vec<Edge> = edges(codes)?;
            met.extend(&fair);
            found.justice.push((name("j", n), circuit.clone(), met));
        }
        Ok(found)
    }

    fn latch(&mut self, circuit: &mut Circuit, n: usize, code: Option<usize>) -> Read<Row> {
        let words = self.words()?;
        let mut numbers =
            words.iter().map(|w| number(w)).collect::<Read<Vec<usize>>>()?.into_iter();
        let missing = || "a number is missing".to_owned();
        let code = match code {
            Some(code) => code,
            None => numbers.next().ok_or_else(missing)?,
        };
        let next = numbers.next().ok_or_else(missing)?;
        let reset = match numbers.next() {
            None | Some(0) => Some(false),
            Some(1) => Some(true),
            Some(own) if own == code => None,
            Some(other) => return Err(format!("a latch starts as 0, 1 or itself, not {other}")),
        };
        let leaf = circuit.graph.leaf();
        self.define(code, leaf)?;
        Ok(Row { latch: Latch { leaf, next: Edge::FALSE, name: format!("l{n}") }, next, reset })
    }

    /// Gates in any order: sorted by their children as far as these are known.
    fn ascii_gates(&mut self, circuit: &mut Circuit, count: usize) -> Read<()> {
        let mut gates = std::collections::BTreeMap::new();
        for _ in 0..count {
            let (output, rest) = self.numbers(3)?;
            let [a, b] = *rest else { return Err("a gate has two inputs".to_owned()) };
            gates.insert(output / 2, (a, b));
        }
        let variables: Vec<usize> = gates.keys().copied().collect();
        for variable in variables {
            let mut todo = vec![variable];
            while let Some(&top) = todo.last() {
                if todo.len() > gates.len() + 1 {
                    return Err("the gates form a cycle".to_owned());
                }
                let Some(&(a, b)) = gates.get(&top).filter(|_| self.known(2 * top).is_none())
                else {
                    todo.pop();
                    continue;
                };
                match (self.known(a), self.known(b)) {
                    (Some(a), Some(b)) => {
                        let edge = circuit.graph.and(a, b);
                        self.define(2 * top, edge)?;
                        todo.pop();
                    }
                    (None, _) if gates.contains_key(&(a / 2)) => todo.push(a / 2),
                    (_, None) if gates.contains_key(&(b / 2)) => todo.push(b / 2),
                    _ => return Err(format!("variable {top} reads an undefined one")),
                }
            }
        }
        Ok(())
    }

    fn binary_gates(&mut self, circuit: &mut Circuit, before: usize, count: usize) -> Read<()> {
        for n in 0..count {
            let output = 2 * (before + n + 1);
            let below = |a: usize, b: usize| a.checked_sub(b).ok_or("a gate reads a later one");
            let large = below(output, self.delta()?)?;
            let small = below(large, self.delta()?)?;
            let (a, b) = (self.edge(large)?, self.edge(small)?);
            let edge = circuit.graph.and(a, b);
            self.define(output, edge)?;
        }
        Ok(())
    }

    fn delta(&mut self) -> Read<usize> {
        let mut value = 0usize;
        for shift in (0..63).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or("the file ends inside a gate")?;
            self.at += 1;
            value |= usize::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Ok(value);
            }
        }
        Err("a number is too large".to_owned())
    }

    /// The symbol table; names of targets are returned by their place.
    fn symbols(&mut self, circuit: &mut Circuit, rows: &mut [Row]) -> Vec<(String, String)> {
        let mut targets = Vec::new();
        while let Some(line) = self.text_line() {
            let Some((place, name)) = line.split_once(' ') else { break };
            let (kind, index) = place.split_at(place.len().min(1));
            let Ok(index) = index.parse::<usize>() else { break };
            match kind {
                "i" => {
                    if let Some(input) = circuit.inputs.get_mut(index) {
                        name.clone_into(&mut input.name);
                    }
                }
                "l" => {
                    if let Some(row) = rows.get_mut(index) {
                        name.clone_into(&mut row.latch.name);
                    }
                }
                "o" | "b" | "j" => targets.push((place.to_owned(), name.to_owned())),
                _ => {}
            }
        }
        targets
    }

    fn text_line(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.at += length + 1;
        self.line += 1;
        Some(String::from_utf8_lossy(rest.get(..length)?).into_owned())
    }

    fn words(&mut self) -> Read<Vec<String>> {
        let line = self.text_line().ok_or("the file ends too soon")?;
        Ok(line.split_whitespace().map(str::to_owned).collect())
    }

    /// A line of so many numbers: the first, and the rest.
    fn numbers(&mut self, count: usize) -> Read<(usize, Box<[usize]>)> {
        let words = self.words()?;
        let numbers: Vec<usize> = words.iter().map(|w| number(w)).collect::<Read<_>>()?;
        match numbers.split_first() {
            Some((first, rest)) if numbers.len() == count => Ok((*first, rest.into())),
            _ => Err(format!("a line of {count} numbers was expected")),
        }
    }

    fn define(&mut self, code: usize, edge: Edge) -> Read<()> {
        match self.edges.get_mut(code / 2) {
            Some(place) if place.is_none() && code.is_multiple_of(2) => {
                *place = Some(edge);
                Ok(())
            }
            _ => Err(format!("{code} cannot be defined here")),
        }
    }

    fn known(&self, code: usize) -> Option<Edge> {
        let edge = self.edges.get(code / 2).copied().flatten()?;
        Some(edge ^ (code % 2 == 1))
    }

    fn edge(&self, code: usize) -> Read<Edge> {
        self.known(code).ok_or_else(|| format!("{code} is not defined"))
    }
}

fn number(word: &str) -> Read<usize> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}
