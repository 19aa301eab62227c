//! What is told of groups: `$count as N`, `A with max as M`.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{Aggregate, Term};
use crate::syntax::ast::{AggregateItem, AggregateOf, Name};

use super::super::{refuse, suggest};
use super::group::same;
use super::named::{COUNT_BITS, Named, What};
use super::state::State;

/// One thing that is told.
pub(super) struct Told<'a> {
    pub(super) name: &'a At<String>,
    /// What it is made of; nothing for the number of rows.
    pub(super) of: Option<(Named<'a>, Term)>,
    /// The aggregate of the column at a position.
    pub(super) make: fn(usize) -> Aggregate,
    pub(super) what: What<'a>,
    /// Whether it is null where every value is.
    pub(super) nullable: bool,
    /// Whether it is null where there are no rows.
    pub(super) null_for_none: bool,
    pub(super) bits: u8,
    /// As that of what it is made of, where it may be that very value.
    pub(super) unasked: Option<&'static str>,
}

/// A method of aggregation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Sum,
    Average,
    Min,
    Max,
    CountDistinct,
}

/// The word of each method.
const METHODS: &[(&str, Method)] = &[
    ("sum", Method::Sum),
    ("average", Method::Average),
    ("min", Method::Min),
    ("max", Method::Max),
    ("countdistinct", Method::CountDistinct),
];

/// Digits that a whole number of the answer has at most.
const MOST_BITS: u8 = 63;
/// Digits that the numbers of a mean have at most: it is told in millionths.
const MEAN_BITS: u8 = 32;

/// Binds one item of `aggregate`.
pub(super) fn bind<'a>(state: &mut State<'a>, item: &'a AggregateItem) -> Result<Told<'a>> {
    let span = match &item.of {
        AggregateOf::Count => item.name.as_ref().map_or(Span::new(0, 0), |n| n.span),
        AggregateOf::Expression(node) => node.span,
    };
    if let Some(from) = item.from.first() {
        let text = "`from` is not offered";
        let help = "group by it, and aggregate the groups: \
                    `groupby((A),aggregate(B with max as M))/aggregate(M with sum as S)`";
        return Err(refuse::not_offered(text, from.by.span).help(help));
    }
    let Some(name) = &item.name else {
        let text = "what is aggregated needs a name: `… as N`";
        return Err(Problem::new(Code::InvalidOption, text).at(span));
    };
    match (&item.of, &item.method) {
        (AggregateOf::Count, None) => Ok(Told {
            name,
            of: None,
            make: |_| Aggregate::Rows,
            what: What::Number,
            nullable: false,
            null_for_none: false,
            bits: COUNT_BITS,
            unasked: None,
        }),
        (AggregateOf::Count, Some(method)) => {
            let text = "`$count` has no method: write `$count as N`";
            Err(Problem::new(Code::InvalidOption, text).at(method.span))
        }
        (AggregateOf::Expression(node), None) => {
            state.find_node(node, "what is aggregated")?;
            let text = "a method is missing: `A with max as M`";
            let problem = Problem::new(Code::InvalidOption, text).at(node.span);
            Err(problem.help(format!("there are {}", words())))
        }
        (AggregateOf::Expression(node), Some(word)) => {
            let method = method(word)?;
            let named = state.find_node(node, "what is aggregated")?;
            told(named, method, name, node.span)
        }
    }
}

fn words() -> String {
    let words: Vec<String> = METHODS.iter().map(|row| format!("`{}`", row.0)).collect();
    words.join(", ")
}

fn method(word: &At<Name>) -> Result<Method> {
    let is = |row: &&(&str, Method)| row.0.eq_ignore_ascii_case(&word.node.name);
    let plain = word.node.namespace.is_empty();
    if let Some((_, method)) = METHODS.iter().filter(|_| plain).find(is) {
        return Ok(*method);
    }
    let name = suggest::qualified(&word.node);
    if !plain {
        let text = format!("`{name}`: methods of a service's own are not offered");
        return Err(refuse::not_offered(&text, word.span).about(name));
    }
    let text = format!("there is no method `{name}`");
    let problem = Problem::new(Code::UnknownFunction, text)
        .about(name)
        .at(word.span);
    Err(problem.help(format!("there are {}", words())))
}

/// One aggregate of what has a name.
fn told<'a>(
    named: Named<'a>,
    method: Method,
    name: &'a At<String>,
    span: Span,
) -> Result<Told<'a>> {
    check(&named, method, span)?;
    let (make, what, bits): (fn(usize) -> Aggregate, _, _) = match method {
        Method::Sum => (Aggregate::Sum, What::Number, named.bits + COUNT_BITS),
        Method::Average => (Aggregate::Average, What::Decimal, MOST_BITS),
        Method::Min => (Aggregate::Least, same(named.what), named.bits),
        Method::Max => (Aggregate::Greatest, same(named.what), named.bits),
        Method::CountDistinct => (Aggregate::Distinct, What::Number, COUNT_BITS),
    };
    let counts = method == Method::CountDistinct;
    let term = if counts {
        named.key().clone()
    } else {
        named.term.clone()
    };
    let unasked = named.unasked.filter(|_| !counts);
    Ok(Told {
        name,
        unasked,
        nullable: named.nullable && !counts,
        null_for_none: !counts,
        of: Some((named, term)),
        make,
        what,
        bits,
    })
}

/// Refuses what the declarations do not open, and what would not fit.
fn check(named: &Named<'_>, method: Method, span: Span) -> Result<()> {
    let label = named.label();
    let word = METHODS.iter().find(|row| row.1 == method);
    let word = word.map_or("", |row| row.0);
    let open = match method {
        Method::CountDistinct => named.is_dimension() || named.is_measure(),
        Method::Sum | Method::Average | Method::Min | Method::Max => named.is_measure(),
    };
    if !open {
        let text = format!("`{label}` does not declare that it is aggregated by `{word}`");
        let problem = named.problem(Code::FilterNotDeclared, text, span);
        return Err(problem.help(if named.is_dimension() {
            format!("`countdistinct` counts its values, `groupby(({label}))` tells them apart")
        } else {
            "numbers and times that declare `ge` and `le` are aggregated".to_owned()
        }));
    }
    let most = match method {
        Method::Sum => MOST_BITS - COUNT_BITS,
        Method::Average => MEAN_BITS,
        Method::Min | Method::Max | Method::CountDistinct => return Ok(()),
    };
    if !named.what.is_number() {
        let text = format!("`{word}` takes whole numbers, not {}", named.what.noun());
        let problem = named.problem(Code::TypeMismatch, text, span);
        return Err(problem.help("`min`, `max` and `countdistinct` take others too"));
    }
    if named.bits > most {
        let text = format!("`{word}` of numbers that need not fit is not offered");
        let help = "a sum has to fit into 64 bits, whatever the rows hold";
        return Err(refuse::not_offered(&text, span).about(label).help(help));
    }
    Ok(())
}
