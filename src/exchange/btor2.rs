//! BTOR2 (Niemetz, Preiner, Wolf and Biere 2018), without arrays.
//!
//! Read straight into a circuit, one bit at a time; a `constraint` holds in every
//! step up to and including the one that is bad. A `justice` asks for an infinite run, for
//! which each `fair` counts too; a `bad` state is bad on unfair runs as well. Written from a circuit: single
//! bits only, conjunctions and negations.

use std::collections::BTreeMap;

use super::Foreign;
use crate::circuit::word::{self, Word};
use crate::circuit::{Circuit, Edge, Gate, Input, Latch, terms};

/// What is wrong with a file, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Fault {}

/// The widest word that is read.
const MAX_WIDTH: usize = 4096;

/// What a file of circuits asks, by name and in order.
#[derive(Clone, Debug, Default)]
pub struct Circuits {
    /// Whether `bad` of the circuit can be reached.
    pub bad: Vec<(String, Circuit)>,
    /// Whether an infinite run meets each of these again and again, those of `fair` included.
    pub justice: Vec<(String, Circuit, Vec<Edge>)>,
}

impl Circuits {
    /// The questions in terms.
    pub fn questions(&self) -> Foreign {
        let bad = self.bad.iter().map(|(name, c)| (name.clone(), terms::problem(c)));
        let live = self.justice.iter().map(|(name, c, met)| (name.clone(), terms::live(c, met)));
        Foreign { problems: bad.collect(), live: live.collect(), clauses: Vec::new() }
    }
}

/// Reads a file as circuits: one for each `bad` and each `justice`.
///
/// # Errors
/// Where the text is no BTOR2, or uses arrays.
pub fn circuits(text: &str) -> Result<Circuits, Fault> {
    let mut reader = Reader::default();
    for (n, line) in text.lines().enumerate() {
        let line = line.split(';').next().unwrap_or("");
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words.is_empty() {
            reader.line(&words).map_err(|message| Fault { line: n + 1, message })?;
        }
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    circuit: Circuit,
    sorts: BTreeMap<i64, usize>,
    values: BTreeMap<i64, Word>,
    /// Names and leaves of states, by node.
    states: BTreeMap<i64, (String, Word)>,
    next: BTreeMap<i64, Word>,
    constraints: Vec<Edge>,
    bads: Vec<(String, Edge)>,
    justice: Vec<(String, Vec<Edge>)>,
    fair: Vec<Edge>,
}

type Read<T> = Result<T, String>;

impl Reader {
    fn line(&mut self, words: &[&str]) -> Read<()> {
        let id = number(words.first())?;
        let operation = *words.get(1).ok_or("an operation is missing")?;
        match operation {
            "sort" => self.sort(id, words),
            "input" | "state" => self.leaf(id, words, operation),
            "init" => self.init(words),
            "next" => {
                let state = number(words.get(3))?;
                let value = self.value(words.get(4))?;
                self.next.insert(state, value);
                Ok(())
            }
            "constraint" => {
                let edge = self.bit(words.get(2))?;
                self.constraints.push(edge);
                Ok(())
            }
            "bad" => {
                let edge = self.bit(words.get(2))?;
                let name = symbol(words, 3).unwrap_or_else(|| format!("bad{}", self.bads.len()));
                self.bads.push((name, edge));
                Ok(())
            }
            "output" => Ok(()),
            "fair" => {
                let edge = self.bit(words.get(2))?;
                self.fair.push(edge);
                Ok(())
            }
            "justice" => self.justice(words),
            _ => {
                let value = self.operation(operation, words)?;
                self.values.insert(id, value);
                Ok(())
            }
        }
    }

    fn justice(&mut self, words: &[&str]) -> Read<()> {
        let count = usize::try_from(number(words.get(2))?).unwrap_or(usize::MAX);
        let conditions = words.iter().skip(3).take(count);
        let met = conditions.map(|word| self.bit(Some(word))).collect::<Read<Vec<Edge>>>()?;
        if met.len() < count {
            return Err(format!("{count} conditions are announced, and {} follow", met.len()));
        }
        let unnamed = || format!("justice{}", self.justice.len());
        let name = symbol(words, count.saturating_add(3)).unwrap_or_else(unnamed);
        self.justice.push((name, met));
        Ok(())
    }

    fn sort(&mut self, id: i64, words: &[&str]) -> Read<()> {
        match words.get(2).copied() {
            Some("bitvec") => {
                let width = usize::try_from(number(words.get(3))?).unwrap_or(0);
                if !(1..=MAX_WIDTH).contains(&width) {
                    return Err(format!("a width must be in 1..{MAX_WIDTH}"));
                }
                self.sorts.insert(id, width);
                Ok(())
            }
            Some("array") => Err("arrays are not read".to_owned()),
            _ => Err("a sort is `bitvec` or `array`".to_owned()),
        }
    }

    fn width(&self, word: Option<&&str>) -> Read<usize> {
        let sort = number(word)?;
        self.sorts.get(&sort).copied().ok_or_else(|| format!("no sort {sort}"))
    }

    fn leaf(&mut self, id: i64, words: &[&str], operation: &str) -> Read<()> {
        let width = self.width(words.get(2))?;
        let leaves: Word = (0..width).map(|_| self.circuit.graph.leaf()).collect();
        let name = symbol(words, 3).unwrap_or_else(|| format!("{operation}{id}"));
        self.values.insert(id, leaves.clone());
        if operation == "state" {
            self.states.insert(id, (name, leaves));
        } else {
            let named = leaves.iter().enumerate();
            let inputs =
                named.map(|(n, leaf)| Input { leaf: *leaf, name: bit_name(&name, n, width) });
            self.circuit.inputs.extend(inputs);
        }
        Ok(())
    }

    fn init(&mut self, words: &[&str]) -> Read<()> {
        let (state, value) = (self.value(words.get(3))?, self.value(words.get(4))?);
        for (state, value) in state.iter().zip(&value) {
            let equal = match value.known() {
                Some(value) => *state ^ !value,
                None => self.circuit.graph.iff(*state, *value),
            };
            self.circuit.init.push(equal);
        }
        Ok(())
    }

    /// A value by its node; a negative number is its bitwise negation.
    fn value(&self, word: Option<&&str>) -> Read<Word> {
        let id = number(word)?;
        let value = self.values.get(&id.abs()).ok_or_else(|| format!("no value {id}"))?;
        Ok(value.iter().map(|edge| *edge ^ (id < 0)).collect())
    }

    fn bit(&self, word: Option<&&str>) -> Read<Edge> {
        self.value(word)?.first().copied().ok_or_else(|| "an empty word".to_owned())
    }

    fn operation(&mut self, operation: &str, words: &[&str]) -> Read<Word> {
        let width = self.width(words.get(2))?;
        if let Some(constant) = constant(operation, words, width)? {
            return Ok(constant);
        }
        let a = self.value(words.get(3))?;
        if let Some(result) = self.unary(operation, &a, words, width)? {
            return Ok(result);
        }
        let b = self.value(words.get(4))?;
        let result = match operation {
            "ite" => {
                let otherwise = self.value(words.get(5))?;
                let condition = a.first().copied().unwrap_or(Edge::FALSE);
                self.circuit.graph.word_ite(condition, &b, &otherwise)
            }
            "concat" => b.iter().chain(&a).copied().collect(),
            _ if a.len() != b.len() => return Err("operands of different widths".to_owned()),
            _ => self.binary(operation, &a, &b)?,
        };
        if result.len() == width { Ok(result) } else { Err("a result of another width".to_owned()) }
    }

    // table: one arm per operation
    fn unary(
        &mut self,
        operation: &str,
        a: &Word,
        words: &[&str],
        width: usize,
    ) -> Read<Option<Word>> {
        let graph = &mut self.circuit.graph;
        let result = match operation {
            "not" => a.iter().map(|e| !*e).collect(),
            "neg" => graph.word_neg(a),
            "inc" => graph.word_sum(a, &word::constant(0, a.len()), Edge::TRUE),
            "dec" => graph.word_add(a, &vec![Edge::TRUE; a.len()]),
            "redand" => vec![graph.all(a.iter().copied())],
            "redor" => vec![graph.any(a.iter().copied())],
            "redxor" => vec![a.iter().fold(Edge::FALSE, |odd, e| graph.xor(odd, *e))],
            "uext" => word::resize(a, width, Edge::FALSE),
            "sext" => word::signed(a, width),
            "slice" => {
                let low = usize::try_from(number(words.get(5))?).unwrap_or(usize::MAX);
                a.iter().copied().skip(low).take(width).collect()
            }
            _ => return Ok(None),
        };
        Ok(Some(result))
    }

    // table: one arm per operation
    fn binary(&mut self, operation: &str, a: &Word, b: &Word) -> Read<Word> {
        let graph = &mut self.circuit.graph;
        let bits = |graph: &mut crate::circuit::Graph, f: fn(&mut _, Edge, Edge) -> Edge| {
            a.iter().zip(b).map(|(a, b)| f(graph, *a, *b)).collect::<Word>()
        };
        let not = |word: Word| word.into_iter().map(|e| !e).collect::<Word>();
        Ok(match operation {
            "and" => bits(graph, crate::circuit::Graph::and),
            "nand" => not(bits(graph, crate::circuit::Graph::and)),
            "or" => bits(graph, crate::circuit::Graph::or),
            "nor" => not(bits(graph, crate::circuit::Graph::or)),
            "xor" => bits(graph, crate::circuit::Graph::xor),
            "xnor" => not(bits(graph, crate::circuit::Graph::xor)),
            "implies" => bits(graph, crate::circuit::Graph::implies),
            "iff" => not(bits(graph, crate::circuit::Graph::xor)),
            "eq" => vec![graph.word_eq(a, b)],
            "neq" => vec![!graph.word_eq(a, b)],
            "ult" => vec![graph.word_less(a, b, false)],
            "ulte" => vec![graph.word_less(a, b, true)],
            "ugt" => vec![graph.word_less(b, a, false)],
            "ugte" => vec![graph.word_less(b, a, true)],
            "slt" => vec![graph.word_signed_less(a, b, false)],
            "slte" => vec![graph.word_signed_less(a, b, true)],
            "sgt" => vec![graph.word_signed_less(b, a, false)],
            "sgte" => vec![graph.word_signed_less(b, a, true)],
            "add" => graph.word_add(a, b),
            "sub" => graph.word_sub(a, b),
            "mul" => graph.word_mul(a, b),
            "udiv" => graph.word_divide(a, b).0,
            "urem" => graph.word_divide(a, b).1,
            "sdiv" => graph.word_signed_divide(a, b),
            "srem" => graph.word_signed_rest(a, b),
            "smod" => graph.word_signed_modulo(a, b),
            "sll" => graph.word_shift(a, b, word::Shift::Left),
            "srl" => graph.word_shift(a, b, word::Shift::Right),
            "sra" => graph.word_shift(a, b, word::Shift::Arithmetic),
            "rol" => graph.word_shift(a, b, word::Shift::RotateLeft),
            "ror" => graph.word_shift(a, b, word::Shift::RotateRight),
            "uaddo" | "saddo" | "usubo" | "ssubo" | "umulo" | "smulo" | "sdivo" => {
                vec![overflow(graph, operation, a, b)]
            }
            _ => return Err(format!("`{operation}` is not read")),
        })
    }

    fn finish(mut self) -> Circuits {
        for (id, (name, leaves)) in &self.states {
            for (n, leaf) in leaves.iter().enumerate() {
                let name = bit_name(name, n, leaves.len());
                let next = self.next.get(id).and_then(|word| word.get(n));
                // A state without a next value is drawn anew each time.
                let next = next.copied().unwrap_or_else(|| {
                    let drawn = self.circuit.graph.leaf();
                    let name = format!("{name}'");
                    self.circuit.inputs.push(Input { leaf: drawn, name });
                    drawn
                });
                self.circuit.latches.push(Latch { leaf: *leaf, next, name });
            }
        }
        self.circuit.step.clone_from(&self.constraints);
        let (circuit, constraints) = (self.circuit, self.constraints);
        let bad = self.bads.into_iter().map(|(name, bad)| {
            let mut circuit = circuit.clone();
            let valid = circuit.graph.all(constraints.iter().copied());
            circuit.bad = circuit.graph.and(valid, bad);
            (name, circuit)
        });
        let justice = self.justice.into_iter().map(|(name, mut met)| {
            met.extend(&self.fair);
            (name, circuit.clone(), met)
        });
        Circuits { bad: bad.collect(), justice: justice.collect() }
    }
}

/// Whether a result does not fit: computed in twice the width, it is not what its lower half stands for.
fn overflow(graph: &mut crate::circuit::Graph, operation: &str, a: &Word, b: &Word) -> Edge {
    let (width, is_signed) = (a.len(), operation.starts_with('s'));
    let wide = |word: &Word| match is_signed {
        true => word::signed(word, 2 * width),
        false => word::resize(word, 2 * width, Edge::FALSE),
    };
    let (a, b) = (wide(a), wide(b));
    let result = match operation.get(1..) {
        Some("addo") => graph.word_add(&a, &b),
        Some("subo") => graph.word_sub(&a, &b),
        Some("mulo") => graph.word_mul(&a, &b),
        _ => graph.word_signed_divide(&a, &b),
    };
    let kept = wide(&result.iter().copied().take(width).collect());
    !graph.word_eq(&result, &kept)
}

fn number(word: Option<&&str>) -> Read<i64> {
    let word = word.ok_or("a number is missing")?;
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

/// The symbol at a place of a line, if there is one.
fn symbol(words: &[&str], at: usize) -> Option<String> {
    words.get(at).map(|word| (*word).to_owned())
}

fn bit_name(name: &str, n: usize, width: usize) -> String {
    if width == 1 { name.to_owned() } else { format!("{name}.{n}") }
}

/// The word of a constant, if the operation is one.
fn constant(operation: &str, words: &[&str], width: usize) -> Read<Option<Word>> {
    let radix = match operation {
        "zero" => return Ok(Some(word::constant(0, width))),
        "one" => return Ok(Some(word::constant(1, width))),
        "ones" => return Ok(Some(vec![Edge::TRUE; width])),
        "const" => 2,
        "constd" => 10,
        "consth" => 16,
        _ => return Ok(None),
    };
    let digits = words.get(3).ok_or("a constant is missing")?;
    let value = num_bigint::BigInt::parse_bytes(digits.as_bytes(), radix)
        .ok_or_else(|| format!("`{digits}` is no number"))?;
    // Two's complement, as many bytes as needed; the sign goes on for ever.
    let bytes = value.to_signed_bytes_le();
    let negative = value.sign() == num_bigint::Sign::Minus;
    let bit = |n: usize| bytes.get(n / 8).map_or(negative, |byte| byte >> (n % 8) & 1 == 1);
    Ok(Some((0..width).map(|n| Edge::constant(bit(n))).collect()))
}

/// Writes a circuit. First states that are not resets need a latch `first`, which is
/// true in the first state only, and a constraint.
pub fn write(circuit: &Circuit) -> String {
    let mut writer =
        Writer { text: "1 sort bitvec 1\n2 zero 1\n".to_owned(), last: 2, ids: Vec::new() };
    writer.circuit(&crate::exchange::aiger::flat(circuit));
    writer.text
}

struct Writer {
    text: String,
    last: usize,
    /// By node of the graph: its number in the file.
    ids: Vec<usize>,
}

impl Writer {
    fn put(&mut self, line: &str) -> usize {
        self.last += 1;
        self.text.push_str(&format!("{} {line}\n", self.last));
        self.last
    }

    fn id(&self, edge: Edge) -> String {
        let id = self.ids.get(edge.index()).copied().unwrap_or(2);
        if edge.is_negated() { format!("-{id}") } else { id.to_string() }
    }

    fn circuit(&mut self, flat: &crate::exchange::aiger::Flat) {
        let circuit = &flat.circuit;
        self.ids = vec![2; circuit.graph.len()];
        let latches = circuit.latches.iter().map(|l| ("state", l.leaf, &l.name));
        let inputs = circuit.inputs.iter().map(|i| ("input", i.leaf, &i.name));
        for (kind, leaf, name) in latches.chain(inputs) {
            let id = self.put(&format!("{kind} 1 {}", name.replace(char::is_whitespace, "_")));
            if let Some(place) = self.ids.get_mut(leaf.index()) {
                *place = id;
            }
        }
        for (node, gate) in circuit.graph.gates() {
            if let Gate::And(a, b) = gate {
                let id = self.put(&format!("and 1 {} {}", self.id(a), self.id(b)));
                if let Some(place) = self.ids.get_mut(node as usize) {
                    *place = id;
                }
            }
        }
        for (latch, reset) in circuit.latches.iter().zip(&flat.reset) {
            if let Some(value) = reset {
                let value = self.id(Edge::constant(*value));
                self.put(&format!("init 1 {} {value}", self.id(latch.leaf)));
            }
            self.put(&format!("next 1 {} {}", self.id(latch.leaf), self.id(latch.next)));
        }
        for edge in &flat.constraints {
            self.put(&format!("constraint {}", self.id(*edge)));
        }
        self.put(&format!("bad {}", self.id(circuit.bad)));
    }
}
