//! What a coalition is, owns and sees.
//!
//! Members pool what they see. What rests on the state alone is seen at the start of the period, before they
//! move; what rests on choices, environment, `'` or events is seen once the period is over. They forget
//! nothing.

use crate::interp::evaluate::Scope;
use crate::interp::step::Interpreter;
use crate::syntax::ast::InputKind;
use crate::types::core::{Coalition, Expr, ExprKind, Level, Model, SortId, Type, Value};
use crate::types::layout::{members, value_name};
use crate::types::level::level;
use crate::types::visit::substitute;

/// A post.
pub type Post = (SortId, u32);

/// Something that the coalition sees.
#[derive(Clone, Debug)]
pub struct Sight {
    /// In the words of the spec.
    pub words: String,
    /// Closed.
    pub expr: Expr,
    /// It rests on the state alone.
    pub before: bool,
}

/// A post as the spec spells it.
pub fn post_name(model: &Model, post: Post) -> String {
    value_name(model, &Value::Member(post.0, post.1))
}

/// A member as a closed expression.
fn member(post: Post, like: &Expr) -> Expr {
    let kind = ExprKind::Const(Value::Member(post.0, post.1));
    Expr { kind: Box::new(kind), ty: Type::Finite(post.0), span: like.span }
}

/// What the members see, first all that is seen before they move.
pub fn sights(model: &Model, coalition: &[Post]) -> Vec<Sight> {
    let mut all: Vec<Sight> = Vec::new();
    for post in coalition {
        let sees = model
            .sees
            .iter()
            .filter(|sees| sees.judge == post.0 && sees.only.is_none_or(|only| only == post.1));
        for (sees, (words, expr)) in sees.flat_map(|s| s.seen.iter().map(move |seen| (s, seen))) {
            let expr = substitute(expr, &[(sees.binder, member(*post, expr))]);
            let before = level(model, &expr) <= Level::State;
            let words = match coalition {
                [_] => words.clone(),
                _ => format!("{words} ({})", post_name(model, *post)),
            };
            all.push(Sight { words, expr, before });
        }
    }
    all.sort_by_key(|sight| !sight.before);
    all
}

/// The coalitions that are meant: one, or all of up to so many members, small ones first. `None` if some member
/// cannot be told, or there are too many.
pub fn coalitions(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    coalition: &Coalition,
) -> Option<Vec<Vec<Post>>> {
    match coalition {
        Coalition::Named(posts) => {
            let reading = interpreter.reading(params, &[]);
            let mut named = Vec::new();
            for post in posts {
                match reading.value(post, &mut Scope::default()) {
                    Ok(Value::Member(sort, n)) if !named.contains(&(sort, n)) => {
                        named.push((sort, n));
                    }
                    Ok(Value::Member(..)) => {}
                    _ => return None,
                }
            }
            Some(vec![named])
        }
        Coalition::SomeOf(sort, most) | Coalition::NoneOf(sort, most) => {
            let all: Vec<u32> =
                members(interpreter.model, &[*sort]).into_iter().flatten().collect();
            let mut found = Vec::new();
            for size in 0..=(*most as usize).min(all.len()) {
                subsets(&all, size, &mut Vec::new(), &mut found);
                if found.len() > MOST {
                    return None;
                }
            }
            Some(
                found
                    .into_iter()
                    .map(|set| set.into_iter().map(|n| (*sort, n)).collect())
                    .collect(),
            )
        }
    }
}

/// Most coalitions looked at.
const MOST: usize = 10_000;

fn subsets(of: &[u32], size: usize, chosen: &mut Vec<u32>, found: &mut Vec<Vec<u32>>) {
    if chosen.len() == size {
        found.push(chosen.clone());
        return;
    }
    if found.len() > MOST {
        return;
    }
    for (n, post) in of.iter().enumerate() {
        chosen.push(*post);
        subsets(of.get(n + 1..).unwrap_or(&[]), size, chosen, found);
        chosen.pop();
    }
}

/// The input slots that the members choose. Owners do not rest on the state.
pub fn owned(interpreter: &Interpreter<'_>, params: &[Value], coalition: &[Post]) -> Vec<usize> {
    let owner = |n: usize| {
        let slot = interpreter.layout.inputs.get(n)?;
        let input = interpreter.model.inputs.get(slot.of.index())?;
        if input.kind == InputKind::Env {
            return None;
        }
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut scope = Scope::members(binders, &slot.member);
        let reading = interpreter.reading(params, &[]);
        match reading.value(input.owner.as_ref()?, &mut scope) {
            Ok(Value::Member(sort, n)) => Some((sort, n)),
            _ => None,
        }
    };
    let slots = 0..interpreter.layout.inputs.len();
    slots.filter(|n| owner(*n).is_some_and(|post| coalition.contains(&post))).collect()
}
