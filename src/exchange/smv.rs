//! Finite models in the language of NuSMV (Cimatti et al. 2002; user manual 2.5).
//!
//! Cells, choices and nature alike become state variables of the module, since its fairness may not
//! speak of inputs; what makes a valuation a step is an invariant of the model. Past operators are
//! memory cells, deadlines are written out, `within … TICK` as weak until. Justice is `FAIRNESS`;
//! compassion is a premise of each specification. Where a model has no stuck period, NuSMV's verdicts are
//! Yamen's, except that safety claims speak of fair runs only: that differs where some state has no
//! fair run to go on with, and so they are written as invariants where that is possible.

use std::fmt::Write;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::system::linear::{Linear, Written};
use crate::system::property::{Formula, Prepared};
use crate::term::{Node, Pool, Sort, Term, Var, children};

/// Why a model cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// The reason.
    pub reason: String,
}

impl std::fmt::Display for Unwritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

/// The model and its claims; those named, or all when none is named. A claim of another fragment is
/// left out with a comment.
///
/// # Errors
/// What NuSMV's finite arithmetic cannot say.
pub fn write(prepared: &Prepared<'_>, claims: &[String]) -> Result<String, Unwritten> {
    let linear = prepared.linear();
    let wanted = |name: &String| claims.is_empty() || claims.contains(name);
    let mut writer = Writer::new(&linear);
    let mut out = format!("-- {}\nMODULE main\n", prepared.model.name);
    writer.variables(&mut out)?;
    let mut body = String::new();
    writer.constraints(&mut body)?;
    for (name, written) in linear.claims.iter().filter(|(name, _)| wanted(name)) {
        let is_written = writer.claim(name, written, &mut body)?;
        if !is_written && !claims.is_empty() {
            let reason = format!("`{name}` is of a fragment that is not written as SMV");
            return Err(Unwritten { reason });
        }
    }
    out.push_str(&writer.defines);
    out.push_str(&body);
    Ok(out)
}

struct Writer<'l> {
    linear: &'l Linear,
    names: FxHashMap<Var, String>,
    taken: FxHashSet<String>,
    shared: FxHashMap<Term, String>,
    /// Definitions so far.
    defines: String,
}

const RESERVED: [&str; 60] = [
    "MODULE",
    "DEFINE",
    "VAR",
    "IVAR",
    "INIT",
    "TRANS",
    "INVAR",
    "SPEC",
    "CTLSPEC",
    "LTLSPEC",
    "FAIRNESS",
    "JUSTICE",
    "COMPASSION",
    "ASSIGN",
    "CONSTANTS",
    "ISA",
    "FROZENVAR",
    "INVARSPEC",
    "process",
    "array",
    "of",
    "boolean",
    "integer",
    "real",
    "word",
    "word1",
    "bool",
    "signed",
    "unsigned",
    "extend",
    "resize",
    "sizeof",
    "uwconst",
    "swconst",
    "EX",
    "AX",
    "EF",
    "AF",
    "EG",
    "AG",
    "E",
    "F",
    "O",
    "G",
    "H",
    "X",
    "Y",
    "Z",
    "A",
    "U",
    "S",
    "V",
    "T",
    "BU",
    "next",
    "init",
    "union",
    "self",
    "case",
    "esac",
];

impl<'l> Writer<'l> {
    fn new(linear: &'l Linear) -> Self {
        Writer {
            linear,
            names: FxHashMap::default(),
            taken: RESERVED.iter().map(|word| (*word).to_owned()).collect(),
            shared: FxHashMap::default(),
            defines: String::new(),
        }
    }

    fn pool(&self) -> &'l Pool {
        &self.linear.system.pool
    }

    /// A name of NuSMV's that no other has.
    fn name(&mut self, wanted: &str) -> String {
        let letters = wanted.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        let mut base: String = letters.collect::<String>().trim_end_matches('_').to_owned();
        if !base.starts_with(|c: char| c.is_ascii_alphabetic()) {
            base.insert(0, 'v');
        }
        let mut name = base.clone();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{base}_{n}");
            n += 1;
        }
        name
    }

    fn variables(&mut self, out: &mut String) -> Result<(), Unwritten> {
        let system = &self.linear.system;
        let rigid: Vec<Var> = system.rigid.clone();
        let states = system.states.iter().map(|s| s.var);
        let moving: Vec<Var> = states.chain(system.inputs.iter().copied()).collect();
        for (keyword, vars) in [("FROZENVAR", rigid), ("VAR", moving)] {
            if !vars.is_empty() {
                let _ = writeln!(out, "{keyword}");
            }
            for var in vars {
                let info = self.pool().var_info(var).clone();
                let kind = match (info.sort, info.bounds) {
                    (Sort::Bool, _) => "boolean".to_owned(),
                    (Sort::Int, Some((lo, hi))) => format!("{lo}..{hi}"),
                    _ => {
                        let reason = format!("`{}` has infinitely many values", info.name);
                        return Err(Unwritten { reason });
                    }
                };
                let name = self.name(&info.name);
                let _ = writeln!(out, "  {name} : {kind};");
                self.names.insert(var, name);
            }
        }
        Ok(())
    }

    fn constraints(&mut self, out: &mut String) -> Result<(), Unwritten> {
        let system = &self.linear.system;
        for term in &system.init {
            let term = self.term(*term)?;
            let _ = writeln!(out, "INIT {term};");
        }
        for term in &system.step {
            let term = self.term(*term)?;
            let _ = writeln!(out, "INVAR {term};");
        }
        for state in &system.states {
            let name = self.names.get(&state.var).cloned().unwrap_or_default();
            let equals = if self.pool().sort(state.next) == Sort::Bool { "<->" } else { "=" };
            let next = self.term(state.next)?;
            let _ = writeln!(out, "TRANS next({name}) {equals} {next};");
        }
        for justice in &self.linear.justice {
            let justice = self.term(*justice)?;
            let _ = writeln!(out, "FAIRNESS {justice};");
        }
        Ok(())
    }

    /// Writes a claim; `false` if it is of a fragment that is not written.
    fn claim(
        &mut self,
        name: &str,
        written: &Written,
        out: &mut String,
    ) -> Result<bool, Unwritten> {
        let label = self.name(name);
        match written {
            Written::Always { formula, given } => {
                if let (Formula::Always(f), [], [], []) = (
                    formula,
                    given.as_slice(),
                    self.linear.compassion.as_slice(),
                    self.linear.justice.as_slice(),
                ) && let Formula::Atom(term) = **f
                {
                    let term = self.term(term)?;
                    let _ = writeln!(out, "INVARSPEC NAME {label} := {term};");
                    return Ok(true);
                }
                let mut premises = Vec::new();
                for term in given {
                    premises.push(format!("G {}", self.term(*term)?));
                }
                for (premise, recurs) in &self.linear.compassion {
                    let (premise, recurs) = (self.term(*premise)?, self.term(*recurs)?);
                    premises.push(format!("((G F {premise}) -> (G F {recurs}))"));
                }
                let formula = self.formula(formula)?;
                let formula = match premises.is_empty() {
                    true => formula,
                    false => format!("({}) -> {formula}", premises.join(" & ")),
                };
                let _ = writeln!(out, "LTLSPEC NAME {label} := {formula};");
            }
            // A CTL formula would be asked of every first state, and this is about some run.
            Written::Possible(term) if self.linear.justice.is_empty() => {
                let term = self.term(*term)?;
                let _ = writeln!(out, "-- {name} is possible iff this is false");
                let _ = writeln!(out, "INVARSPEC NAME {label} := (!{term});");
            }
            Written::StaysPossible(term) if self.linear.justice.is_empty() => {
                let term = self.term(*term)?;
                let _ = writeln!(out, "CTLSPEC NAME {label} := AG EF {term};");
            }
            _ => {
                let _ = writeln!(out, "-- {name} is of a fragment that is not written here");
                return Ok(false);
            }
        }
        Ok(true)
    }

    // table: one arm per operator
    fn formula(&mut self, formula: &Formula) -> Result<String, Unwritten> {
        Ok(match formula {
            Formula::Atom(term) => self.term(*term)?,
            Formula::And(parts) => self.join(parts, "&", "TRUE")?,
            Formula::Or(parts) => self.join(parts, "|", "FALSE")?,
            Formula::Next(f) => format!("(X {})", self.formula(f)?),
            Formula::Eventually(f) => format!("(F {})", self.formula(f)?),
            Formula::Always(f) => format!("(G {})", self.formula(f)?),
            Formula::Until(a, b) => format!("({} U {})", self.formula(a)?, self.formula(b)?),
            Formula::Release(a, b) => format!("({} V {})", self.formula(a)?, self.formula(b)?),
            Formula::SomeWithin(bound, f) => {
                let f = self.formula(f)?;
                (0..*bound).fold(f.clone(), |later, _| format!("({f} | X {later})"))
            }
            Formula::SomeBefore(bound, tick, f) => {
                let (tick, f) = (self.term(*tick)?, self.formula(f)?);
                before(*bound, &tick, &f)
            }
            Formula::AllFor(bound, None, f) => {
                let f = self.formula(f)?;
                (0..*bound).fold(f.clone(), |later, _| format!("({f} & X {later})"))
            }
            Formula::AllFor(bound, Some(tick), f) => {
                let (tick, f) = (self.term(*tick)?, self.formula(f)?);
                format!("(!{})", before(*bound, &tick, &format!("(!{f})")))
            }
        })
    }

    fn join(&mut self, parts: &[Formula], sign: &str, none: &str) -> Result<String, Unwritten> {
        if parts.is_empty() {
            return Ok(none.to_owned());
        }
        let parts: Result<Vec<String>, Unwritten> =
            parts.iter().map(|part| self.formula(part)).collect();
        Ok(format!("({})", parts?.join(&format!(" {sign} "))))
    }

    /// A term; large ones by a definition, children first, without recursion.
    fn term(&mut self, term: Term) -> Result<String, Unwritten> {
        let mut todo = vec![(term, false)];
        while let Some((t, ready)) = todo.pop() {
            if self.shared.contains_key(&t) {
                continue;
            }
            let node = self.pool().node(t);
            if !ready {
                todo.push((t, true));
                todo.extend(children(node).into_iter().map(|c| (c, false)));
                continue;
            }
            let text = self.node(t, node)?;
            let kept = if text.len() > 40 {
                let name = self.name("d");
                let _ = writeln!(self.defines, "DEFINE {name} := {text};");
                name
            } else {
                text
            };
            self.shared.insert(t, kept);
        }
        Ok(self.shared.get(&term).cloned().unwrap_or_default())
    }

    // table: one arm per kind of node
    fn node(&self, term: Term, node: &Node) -> Result<String, Unwritten> {
        let to = |t: &Term| self.shared.get(t).cloned().unwrap_or_default();
        let all = |list: &[Term], sign: &str| {
            let parts: Vec<String> = list.iter().map(to).collect();
            format!("({})", parts.join(sign))
        };
        let natural = |t: &Term| self.pool().bounds(*t).is_some_and(|(lo, _)| lo >= 0);
        let cannot = |what: &str| Err(Unwritten { reason: format!("{what} cannot be written") });
        Ok(match node {
            Node::Bool(true) => "TRUE".to_owned(),
            Node::Bool(false) => "FALSE".to_owned(),
            Node::Int(n) => n.to_string(),
            Node::Var(v) => self.names.get(v).cloned().unwrap_or_default(),
            Node::Not(a) => format!("(!{})", to(a)),
            Node::And(list) => all(list, " & "),
            Node::Or(list) => all(list, " | "),
            Node::Ite(c, a, b) => format!("({} ? {} : {})", to(c), to(a), to(b)),
            Node::Eq(a, b) if self.pool().sort(*a) == Sort::Bool => {
                format!("({} <-> {})", to(a), to(b))
            }
            Node::Eq(a, b) => format!("({} = {})", to(a), to(b)),
            Node::Le(a, b) => format!("({} <= {})", to(a), to(b)),
            Node::Add(list) => all(list, " + "),
            Node::Mul(a, b) => format!("({} * {})", to(a), to(b)),
            Node::Div(a, b) if natural(a) && natural(b) => format!("({} / {})", to(a), to(b)),
            Node::Mod(a, b) if natural(a) && natural(b) => format!("({} mod {})", to(a), to(b)),
            Node::Div(..) | Node::Mod(..) => return cannot("division of negative numbers"),
            Node::Real(_) | Node::RealDiv(..) | Node::ToReal(_) => return cannot("a real number"),
            Node::Forall(..) => {
                let _ = term;
                return cannot("a quantifier over numbers");
            }
        })
    }
}

/// `f` no later than the period after the one in which the tick comes for the `bound`th time.
fn before(bound: u32, tick: &str, f: &str) -> String {
    (0..bound).fold(f.to_owned(), |later, _| {
        let paid = format!("({f} | ({tick} & X {later}))");
        format!("((!{tick} U {paid}) | G !{tick})")
    })
}
