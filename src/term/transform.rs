//! Walks over terms: substitution, free variables, evaluation.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Node, Pool, Sort, Term, Var, children};

impl Pool {
    /// Replaces variables by terms, everywhere but under a quantifier that binds them.
    pub fn substitute(&mut self, term: Term, map: &FxHashMap<Var, Term>) -> Term {
        let mut memo = FxHashMap::default();
        self.substitute_with(term, map, &mut memo)
    }

    /// As [`Pool::substitute`], with a memo to be reused for the same map.
    pub fn substitute_with(
        &mut self,
        term: Term,
        map: &FxHashMap<Var, Term>,
        memo: &mut FxHashMap<Term, Term>,
    ) -> Term {
        for t in self.upwards(term, |t| memo.contains_key(&t)) {
            let rebuilt = match self.node(t).clone() {
                Node::Var(v) => map.get(&v).copied().unwrap_or(t),
                node => self.rebuild(self.sort(t), &node, memo),
            };
            memo.insert(t, rebuilt);
        }
        memo.get(&term).copied().unwrap_or(term)
    }

    /// A term of another pool, whose variables are those of this one that have their names and sorts;
    /// `None` where one is missing, or is bound by a quantifier.
    pub fn adopt(&mut self, other: &Pool, term: Term) -> Option<Term> {
        let named = |pool: &Pool, var: Var| {
            let info = other.var_info(var);
            let same = pool.vars.iter().position(|own| {
                (&own.name, own.sort, own.role) == (&info.name, info.sort, info.role)
            })?;
            Some(Var(u32::try_from(same).ok()?))
        };
        self.translate(other, [&[term] as &[Term]], named)?.pop()?.pop()
    }

    /// Lists of terms of another pool whose variables are declared in this one in the same order, maybe with
    /// other bounds; `None` where there are quantifiers.
    pub fn redeclared<'t>(
        &mut self,
        other: &Pool,
        lists: impl IntoIterator<Item = &'t [Term]>,
    ) -> Option<Vec<Vec<Term>>> {
        self.translate(other, lists, |pool, var| {
            let old = other.var_info(var);
            let new = pool.vars.get(var.0 as usize)?;
            (new.sort == old.sort && new.name == old.name).then_some(var)
        })
    }

    fn translate<'t>(
        &mut self,
        other: &Pool,
        lists: impl IntoIterator<Item = &'t [Term]>,
        own: impl Fn(&Pool, Var) -> Option<Var>,
    ) -> Option<Vec<Vec<Term>>> {
        let mut memo: FxHashMap<Term, Term> = FxHashMap::default();
        let mut translated = Vec::new();
        for list in lists {
            for term in list {
                for t in other.upwards(*term, |t| memo.contains_key(&t)) {
                    let same = match other.node(t) {
                        Node::Forall(..) => return None,
                        Node::Var(v) => {
                            let var = own(self, *v)?;
                            self.var(var)
                        }
                        node => self.rebuild(other.sort(t), node, &memo),
                    };
                    memo.insert(t, same);
                }
            }
            translated.push(list.iter().map(|t| memo.get(t).copied()).collect::<Option<_>>()?);
        }
        Some(translated)
    }

    /// The terms that this one is made of, each once and after its parts; without those that are known
    /// already and what only they are made of.
    fn upwards(&self, term: Term, known: impl Fn(Term) -> bool) -> Vec<Term> {
        let (mut order, mut met) = (Vec::new(), FxHashSet::default());
        let mut todo = vec![(term, false)];
        while let Some((t, ready)) = todo.pop() {
            if ready {
                order.push(t);
            } else if !known(t) && met.insert(t) {
                todo.push((t, true));
                todo.extend(children(self.node(t)).into_iter().map(|c| (c, false)));
            }
        }
        order
    }

    /// The node with its children replaced as the memo says.
    fn rebuild(&mut self, sort: Sort, node: &Node, memo: &FxHashMap<Term, Term>) -> Term {
        let to = |t: &Term| memo.get(t).copied().unwrap_or(*t);
        match node {
            Node::Bool(value) => self.bool(*value),
            Node::Int(value) => self.int(value.clone()),
            Node::Real(value) => self.real(value.clone()),
            Node::Var(var) => self.var(*var),
            Node::Not(a) => self.not(to(a)),
            Node::And(list) => self.and(list.iter().map(to)),
            Node::Or(list) => self.or(list.iter().map(to)),
            Node::Ite(c, a, b) => self.ite(to(c), to(a), to(b)),
            Node::Eq(a, b) => self.eq(to(a), to(b)),
            Node::Le(a, b) => self.le(to(a), to(b)),
            Node::Add(list) => self.add(list.iter().map(to), sort),
            Node::Mul(a, b) => self.mul(to(a), to(b)),
            Node::Div(a, b) => self.div(to(a), to(b)),
            Node::Mod(a, b) => self.modulo(to(a), to(b)),
            Node::RealDiv(a, b) => self.real_div(to(a), to(b)),
            Node::ToReal(a) => self.to_real(to(a)),
            Node::Forall(vars, body) => self.forall(vars.clone(), to(body)),
        }
    }

    /// The variables of some terms, in order of declaration.
    pub fn variables(&self, terms: impl IntoIterator<Item = Term>) -> Vec<Var> {
        let mut seen = FxHashSet::default();
        let mut vars = Vec::new();
        let mut todo: Vec<Term> = terms.into_iter().collect();
        while let Some(term) = todo.pop() {
            if !seen.insert(term) {
                continue;
            }
            match self.node(term) {
                Node::Var(v) => vars.push(*v),
                node => todo.extend(children(node)),
            }
        }
        vars.sort_unstable();
        vars
    }

    /// Whether every number in the term is an integer with known bounds, so that bits suffice.
    pub fn is_finite(&self, terms: impl IntoIterator<Item = Term>) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo: Vec<Term> = terms.into_iter().collect();
        while let Some(term) = todo.pop() {
            if !seen.insert(term) {
                continue;
            }
            let fits = match self.sort(term) {
                Sort::Bool => !matches!(self.node(term), Node::Forall(..)),
                Sort::Int => {
                    self.bounds(term).is_some_and(|(lo, hi)| lo > -(1 << 40) && hi < (1 << 40))
                }
                Sort::Real => false,
            };
            if !fits {
                return false;
            }
            todo.extend(children(self.node(term)));
        }
        true
    }

    /// The conjuncts of a term.
    pub fn conjuncts(&self, term: Term) -> Vec<Term> {
        match self.node(term) {
            Node::And(list) => list.clone(),
            _ => vec![term],
        }
    }
}
