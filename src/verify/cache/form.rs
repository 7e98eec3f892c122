//! Evidence as it stands in a file, and read back.
//!
//! Values are short words (`t`, `i5`, `r1/3`, `m0.2`), invariants SMT-LIB text in the names of the problem's
//! variables. What does not read is no evidence; what does is checked like any other, so nothing here is
//! trusted.

use serde::{Deserialize, Serialize};

use crate::engine::liveness::{Reduced, Reduction};
use crate::engine::{Invariant, Proof};
use crate::system::liveness::Live;
use crate::system::{Problem, Valuation};
use crate::term::smtlib::read::Reader;
use crate::term::smtlib::sexpr::Sexprs;
use crate::term::smtlib::{Symbols, term};
use crate::term::{Sort, Var};
use crate::types::core::{SortId, Value};
use crate::types::trace::{Inputs, Period, Trace};

/// An answer: who found it, and what shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) engine: String,
    pub(super) form: Form,
}

/// What shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    Run(Run),
    Valuation(Plain),
    Proof(Bound),
    Reduced(Reducing),
}

/// A state, and inputs and draws.
type Spelled = (Vec<Word>, Option<[Vec<Word>; 2]>);

/// A run of a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    params: Vec<Word>,
    periods: Vec<Spelled>,
    loop_start: Option<usize>,
}

/// A run of a transition system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plain {
    rigid: Vec<Word>,
    periods: Vec<(Vec<Word>, Option<Vec<Word>>)>,
}

/// An invariant, a bound of k-induction, or both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bound {
    clauses: Option<Vec<String>>,
    k: Option<(u32, bool)>,
}

/// A proof about infinite runs: how it was reduced, and the proof of what it was reduced to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reducing {
    count: Option<u32>,
    proof: Bound,
}

impl Form {
    pub(super) fn run(trace: &Trace) -> Form {
        let inputs = |inputs: &Inputs| [words(&inputs.inputs), words(&inputs.draws)];
        let period = |period: &Period| (words(&period.state), period.inputs.as_ref().map(inputs));
        Form::Run(Run {
            params: words(&trace.params),
            periods: trace.periods.iter().map(period).collect(),
            loop_start: trace.loop_start,
        })
    }

    pub(super) fn valuation(run: &Valuation) -> Form {
        let periods = run.periods.iter();
        let period = |(state, inputs): &(Vec<Value>, Option<Vec<Value>>)| {
            (words(state), inputs.as_deref().map(words))
        };
        Form::Valuation(Plain { rigid: words(&run.rigid), periods: periods.map(period).collect() })
    }

    /// `None` for proofs that leave nothing a solver could check, or are long.
    pub(super) fn proof(proof: &Proof) -> Option<Form> {
        bound(proof).map(Form::Proof)
    }

    pub(super) fn reduced(reduced: &Reduced) -> Option<Form> {
        let count = match reduced.reduction {
            Reduction::Lasso => None,
            Reduction::Count(k) => Some(k),
        };
        Some(Form::Reduced(Reducing { count, proof: bound(&reduced.proof)? }))
    }
}

impl Run {
    pub(super) fn read(&self) -> Option<Trace> {
        let period = |(state, drawn): &(Vec<Word>, Option<[Vec<Word>; 2]>)| {
            let inputs = match drawn {
                Some([inputs, draws]) => {
                    Some(Inputs { inputs: values(inputs)?, draws: values(draws)? })
                }
                None => None,
            };
            Some(Period { state: values(state)?, inputs })
        };
        Some(Trace {
            params: values(&self.params)?,
            periods: self.periods.iter().map(period).collect::<Option<_>>()?,
            loop_start: self.loop_start,
        })
    }
}

impl Plain {
    pub(super) fn read(&self) -> Option<Valuation> {
        let period = |(state, inputs): &(Vec<Word>, Option<Vec<Word>>)| {
            let inputs = match inputs {
                Some(inputs) => Some(values(inputs)?),
                None => None,
            };
            Some((values(state)?, inputs))
        };
        let periods = self.periods.iter().map(period).collect::<Option<_>>()?;
        Some(Valuation { rigid: values(&self.rigid)?, periods })
    }
}

fn bound(proof: &Proof) -> Option<Bound> {
    match proof {
        Proof::Invariant(invariant) => Some(Bound { clauses: Some(clauses(invariant)), k: None }),
        Proof::Induction { k, simple_path } => {
            Some(Bound { clauses: None, k: Some((*k, *simple_path)) })
        }
        Proof::Strengthened { lemmas, k, simple_path } => {
            Some(Bound { clauses: Some(clauses(lemmas)), k: Some((*k, *simple_path)) })
        }
        _ => None,
    }
}

fn clauses(invariant: &Invariant) -> Vec<String> {
    let symbols = Symbols::new(&invariant.pool);
    let name = |var: Var| symbols.current(var);
    invariant.clauses.iter().map(|clause| term(&invariant.pool, *clause, &name)).collect()
}

impl Bound {
    /// The proof in the variables of this problem.
    pub(super) fn read(&self, problem: &Problem) -> Option<Proof> {
        let lemmas = self.clauses.as_ref().map(|clauses| invariant(problem, clauses));
        Some(match (lemmas, self.k) {
            (None, Some((k, simple_path))) => Proof::Induction { k, simple_path },
            (Some(lemmas), None) => Proof::Invariant(lemmas?),
            (Some(lemmas), Some((k, simple_path))) => {
                Proof::Strengthened { lemmas: lemmas?, k, simple_path }
            }
            (None, None) => return None,
        })
    }
}

impl Reducing {
    pub(super) fn read(&self, live: &Live) -> Option<Proof> {
        let (reduction, problem) = match self.count {
            None => (Reduction::Lasso, live.lasso().problem),
            Some(k) => (Reduction::Count(k), live.counted(k)),
        };
        let proof = self.proof.read(&problem)?;
        Some(Proof::Reduced(Box::new(Reduced { reduction, problem, proof })))
    }
}

/// Clauses over the problem's parameters and state.
fn invariant(problem: &Problem, clauses: &[String]) -> Option<Invariant> {
    let symbols = Symbols::new(&problem.system.pool);
    let system = &problem.system;
    let vars = system.rigid.iter().copied().chain(system.states.iter().map(|state| state.var));
    let text = clauses.join("\n");
    let sexprs = Sexprs::parse(&text).ok()?;
    let mut reader = Reader::new(&sexprs, system.pool.clone());
    for var in vars {
        let term = reader.pool.var(var);
        reader.bind(symbols.current(var).trim_matches('|'), term);
    }
    let read = |root: &_| reader.term(*root).ok();
    let clauses = sexprs.roots().iter().map(read).collect::<Option<Vec<_>>>()?;
    let pool = reader.pool;
    let are_truths = clauses.iter().all(|clause| pool.sort(*clause) == Sort::Bool);
    are_truths.then_some(Invariant { pool, clauses })
}

/// A value.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word(String);

fn words(values: &[Value]) -> Vec<Word> {
    let word = |value: &Value| match value {
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        Value::Int(n) => format!("i{n}"),
        Value::Real(r) => format!("r{r}"),
        Value::Member(SortId(sort), n) => format!("m{sort}.{n}"),
    };
    values.iter().map(word).map(Word).collect()
}

fn values(words: &[Word]) -> Option<Vec<Value>> {
    words.iter().map(Word::read).collect()
}

impl Word {
    fn read(&self) -> Option<Value> {
        let (kind, rest) = self.0.split_at_checked(1)?;
        match kind {
            "t" => Some(Value::Bool(true)),
            "f" => Some(Value::Bool(false)),
            "i" => rest.parse().ok().map(Value::Int),
            // A denominator of zero is no number, and none that the library would print.
            "r" if rest.split_once('/').is_none_or(|(_, d)| d.chars().any(|c| c != '0')) => {
                rest.parse().ok().map(Value::Real)
            }
            "m" => {
                let (sort, n) = rest.split_once('.')?;
                Some(Value::Member(SortId(sort.parse().ok()?), n.parse().ok()?))
            }
            _ => None,
        }
    }
}
