//! `concat`: what several pipelines make of the same rows, one after the other.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{Concat, GroupMember, Output, OutputKind, Part, Predicate, Query, Source, Term};
use crate::syntax::ast::{Pipeline, Transformation};

use super::super::gather::gather;
use super::super::refuse;
use super::derived::Derived;
use super::group;
use super::named::Named;
use super::run;
use super::state::{Sort, State, Wanted};

/// Parts of one concatenation at most.
const MOST: usize = 16;

/// The number of the part.
const PART: Output = Output {
    no: 0,
    kind: OutputKind::Integer,
    nullable: false,
};

/// Binds a concatenation.
pub(super) fn bind<'a>(state: &State<'a>, all: &'a [Pipeline], span: Span) -> Result<State<'a>> {
    if leaves(all) > MOST {
        let text = format!("more than {MOST} parts");
        return Err(Problem::new(Code::LimitExceeded, text).at(span));
    }
    let again = match state {
        State::Entities(_) => false,
        State::Derived(derived) => derived.has_parts,
    };
    if again {
        return Err(nested(span));
    }
    let parts = parts(state, all, span)?;
    let mut merged = Merged::default();
    for (number, part) in parts.iter().enumerate() {
        merged.add(number, part, span)?;
    }
    if merged.names.len() > group::MOST {
        return Err(group::too_many(span));
    }
    Ok(State::derived(merged.derived(state, &parts)))
}

/// The parts of a concatenation. One that ends in another concatenation stands for the parts of that,
/// each with what comes before it: `concat(A,B/concat(C,D))` is `concat(A,B/C,B/D)`. Analytical tables
/// of OpenUI5 write totals so.
fn parts<'a>(state: &State<'a>, all: &'a [Pipeline], span: Span) -> Result<Vec<Derived<'a>>> {
    let each = all.iter().map(|pipeline| match ending(pipeline) {
        Some(end) => parts(&run(state.clone(), end.before)?, end.parts, end.span),
        None => part(state, pipeline, span).map(|part| vec![part]),
    });
    Ok(gather(each)?.into_iter().flatten().collect())
}

/// How many parts that are.
fn leaves(all: &[Pipeline]) -> usize {
    let of = |pipeline: &Pipeline| ending(pipeline).map_or(1, |end| leaves(end.parts));
    all.iter().map(of).sum()
}

/// The concatenation that a pipeline ends in.
struct Ending<'a> {
    before: &'a [At<Transformation>],
    parts: &'a [Pipeline],
    span: Span,
}

fn ending(pipeline: &Pipeline) -> Option<Ending<'_>> {
    let (last, before) = pipeline.split_last()?;
    let Transformation::Concat(parts) = &last.node else {
        return None;
    };
    let span = last.span;
    Some(Ending {
        before,
        parts,
        span,
    })
}

/// One part, which has to be something that entities are not.
fn part<'a>(state: &State<'a>, pipeline: &'a Pipeline, span: Span) -> Result<Derived<'a>> {
    let span = pipeline.last().map_or(span, |last| last.span);
    match run(state.clone(), pipeline)? {
        State::Derived(derived) if !derived.has_parts => Ok(*derived),
        State::Derived(_) => Err(nested(span)),
        State::Entities(_) => {
            let text = "a part of `concat` has to group or aggregate";
            Err(refuse::not_offered(text, span))
        }
    }
}

fn nested(span: Span) -> Problem {
    let text = "`concat` of what is concatenated already is not offered";
    refuse::not_offered(text, span).help("name all parts in one `concat`")
}

/// A column of the whole, and which column of each part it is.
struct Column {
    kind: OutputKind,
    /// The number of the part and the term in it.
    from: Vec<(usize, Term)>,
}

/// The whole while it is put together.
#[derive(Default)]
struct Merged<'a> {
    columns: Vec<Column>,
    names: Vec<Known<'a>>,
    unique: Vec<usize>,
    /// What the parts are ordered by, and whether the greatest comes first.
    sorts: Vec<(usize, bool)>,
}

/// A name of the whole: its columns by their numbers.
struct Known<'a> {
    named: Named<'a>,
    term: usize,
    compared: Option<usize>,
    nullable: bool,
}

impl<'a> Merged<'a> {
    fn column(&mut self, kind: OutputKind, part: usize, term: &Term) -> usize {
        self.columns.push(Column {
            kind,
            from: vec![(part, term.clone())],
        });
        self.columns.len() - 1
    }

    /// The column that a term of a part is in; it is added when it is new.
    fn known(&mut self, kind: OutputKind, part: usize, term: &Term) -> usize {
        let of = |column: &Column| column.from.iter().any(|(p, t)| *p == part && t == term);
        let known = self.columns.iter().position(of);
        known.unwrap_or_else(|| self.column(kind, part, term))
    }

    fn extend(&mut self, column: usize, part: usize, term: &Term) {
        if let Some(column) = self.columns.get_mut(column) {
            column.from.push((part, term.clone()));
        }
    }

    /// Adds the names of a part, and what tells its rows apart.
    fn add(&mut self, part: usize, of: &Derived<'a>, span: Span) -> Result<()> {
        let bit = u32::try_from(part).ok().and_then(|n| 1_u64.checked_shl(n));
        let bit = bit.unwrap_or(0);
        for named in &of.names {
            self.name(part, bit, named, span)?;
        }
        // A column of its own, null in all other parts: their order is another one.
        for sort in &of.order {
            let column = self.column(sort.kind, part, &sort.term);
            self.sorts.push((column, sort.descending));
        }
        for output in &of.unique {
            let column = self.known(output.kind, part, &Term::Output(*output));
            if !self.unique.contains(&column) {
                self.unique.push(column);
            }
        }
        Ok(())
    }

    fn name(&mut self, part: usize, bit: u64, named: &Named<'a>, span: Span) -> Result<()> {
        let clash = |known: &Known<'_>| {
            let (a, b) = (&known.named.path, &named.path);
            a != b && (a.starts_with(b) || b.starts_with(a))
        };
        let known = self.names.iter().position(|k| k.named.path == named.path);
        let found = known.and_then(|n| self.names.get_mut(n));
        let Some(known) = found else {
            if self.names.iter().any(clash) {
                return Err(mixed(named, span));
            }
            let kind = named.what.kind();
            let term = self.column(kind, part, &named.term);
            let compared = named.compared.as_ref();
            let compared = compared.map(|compared| self.column(kind, part, compared));
            let mut kept = named.clone();
            kept.parts = bit;
            self.names.push(Known {
                named: kept,
                term,
                compared,
                nullable: named.nullable,
            });
            return Ok(());
        };
        let same = known.named.what.value() == named.what.value()
            && known.compared.is_some() == named.compared.is_some();
        if !same {
            return Err(mixed(named, span));
        }
        known.nullable |= named.nullable;
        known.named.bits = known.named.bits.max(named.bits);
        known.named.parts |= bit;
        known.named.unasked = known.named.unasked.or(named.unasked);
        let (term, compared) = (known.term, known.compared);
        self.extend(term, part, &named.term);
        if let (Some(column), Some(term)) = (compared, &named.compared) {
            self.extend(column, part, term);
        }
        Ok(())
    }

    /// The whole.
    fn derived(self, state: &State<'a>, parts: &[Derived<'a>]) -> Derived<'a> {
        let every = (1_u64 << parts.len().min(63)) - 1;
        let kind_of = |column: usize| self.columns.get(column).map_or(PART.kind, |c| c.kind);
        let output = |column: usize, nullable: bool| Output {
            no: column + 1,
            kind: kind_of(column),
            nullable,
        };
        let unique = self.unique.iter().map(|column| output(*column, true));
        let unique = std::iter::once(PART).chain(unique).collect();
        // Part by part, each in its own order.
        let first = Sort {
            term: Term::Output(PART),
            kind: PART.kind,
            nullable: false,
            descending: false,
        };
        let sorts = self.sorts.iter().map(|(column, descending)| Sort {
            term: Term::Output(output(*column, true)),
            kind: kind_of(*column),
            nullable: true,
            descending: *descending,
        });
        let order = std::iter::once(first).chain(sorts).collect();
        let names = self.names.iter().map(|known| {
            let mut named = known.named.clone();
            named.nullable = known.nullable || named.parts != every;
            named.term = Term::Output(output(known.term, named.nullable));
            let compared = known.compared;
            named.compared = compared.map(|column| Term::Output(output(column, named.nullable)));
            named
        });
        let names = names.collect();
        let entity = parts.first().map(|part| part.entity);
        let entity = entity.unwrap_or(match state {
            State::Entities(entities) => entities.rows.entity(),
            State::Derived(derived) => derived.entity,
        });
        let parts = parts.iter().enumerate();
        let parts = parts.map(|(number, part)| self.part(number, part));
        let concat = Concat {
            parts: parts.collect(),
            kinds: self.columns.iter().map(|column| column.kind).collect(),
        };
        Derived {
            setting: state.setting(),
            entity,
            source: Source::Concat(concat),
            predicate: Predicate::Always,
            names,
            unique,
            order,
            part: Some(PART),
            has_parts: true,
        }
    }

    /// One part as a query with the columns that it has.
    fn part(&self, number: usize, part: &Derived<'a>) -> Part {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let term = column.from.iter().find(|(n, _)| *n == number);
            columns.push(term.map(|(_, term)| {
                wanted.push(Wanted {
                    term: term.clone(),
                    kind: column.kind,
                    nullable: true,
                });
                wanted.len() - 1
            }));
        }
        let query: Query = part.query(&wanted);
        Part { query, columns }
    }
}

/// Two parts have the same name for different things.
fn mixed(named: &Named<'_>, span: Span) -> Problem {
    let text = format!(
        "the parts of `concat` mean different things by `{}`",
        named.label()
    );
    named.problem(Code::TypeMismatch, text, span)
}

/// Every part has a bit of its own.
const _: () = assert!(MOST < 64 && GroupMember::EVERYWHERE == u64::MAX);
