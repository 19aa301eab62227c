//! Rows that are no entities any more: what has a name in them.

use crate::diag::{Code, Problem, Result, Span, nearest};
use crate::model::EntityId;
use crate::plan::{Cut, Output, Predicate, Query, Source, Term};
use crate::syntax::ast::{Head, Node, Path, Step};

use super::super::scope::Setting;
use super::condition;
use super::named::Named;
use super::state::{Sort, Wanted, keys, position};

/// Groups, or what was made of them.
#[derive(Debug, Clone)]
pub(in super::super) struct Derived<'a> {
    pub(super) setting: Setting<'a>,
    /// The entity that it all started with.
    pub(super) entity: EntityId,
    pub(super) source: Source,
    pub(super) predicate: Predicate,
    pub(super) names: Vec<Named<'a>>,
    /// What no two rows have in common, most significant first.
    pub(super) unique: Vec<Output>,
    /// What `orderby` said last.
    pub(super) order: Vec<Sort>,
    /// The number of the part that a row comes from, where there are several.
    pub(super) part: Option<Output>,
    /// Whether several parts are inside: each is read for itself, so that parts of parts could cost
    /// as much as somebody likes.
    pub(super) has_parts: bool,
}

impl<'a> Derived<'a> {
    /// What a path stands for.
    pub(super) fn find(&self, path: &Path, span: Span) -> Result<Named<'a>> {
        let mut wanted = Vec::with_capacity(path.steps.len());
        for step in &path.steps {
            match &step.node {
                Step::Name(name) if name.namespace.is_empty() && path.head == Head::Implicit => {
                    wanted.push(name.name.as_str());
                }
                Step::Name(_)
                | Step::Key(_)
                | Step::Call { .. }
                | Step::Count(_)
                | Step::Any(_)
                | Step::All(_)
                | Step::Filter(_)
                | Step::Annotation(_) => return Err(self.unknown("this", span)),
            }
        }
        let mut names = self.names.iter();
        names
            .find(|named| named.path.iter().eq(&wanted))
            .cloned()
            .ok_or_else(|| self.unknown(&wanted.join("/"), span))
    }

    /// There is no such name.
    pub(super) fn unknown(&self, name: &str, span: Span) -> Problem {
        let labels: Vec<String> = self.names.iter().map(Named::label).collect();
        let text = format!("after `$apply` there is no `{name}`");
        let problem = Problem::new(Code::UnknownProperty, text)
            .about(name)
            .at(span);
        let problem = match nearest(name, labels.iter().map(String::as_str)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem,
        };
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        problem.help(format!("there are {}", labels.join(", ")))
    }

    /// Keeps the rows of a condition.
    pub(super) fn filter(&mut self, node: &'a Node) -> Result<()> {
        let found = condition::bind(self.setting, node, &mut |path, span| self.find(path, span))?;
        let all = std::mem::replace(&mut self.predicate, Predicate::Always);
        self.predicate = all.and(found);
        Ok(())
    }

    /// The rows as a query with the wanted columns, one for each.
    pub(super) fn query(&self, wanted: &[Wanted]) -> Query {
        Query {
            predicate: self.predicate.clone(),
            columns: wanted.iter().map(|one| one.term.clone()).collect(),
            ..Query::over(self.entity, self.source.clone())
        }
    }

    /// The order that was said, and what makes it total.
    pub(super) fn sorts(&self) -> Vec<Sort> {
        let unique = self.unique.iter().map(|output| Sort {
            term: Term::Output(*output),
            kind: output.kind,
            nullable: output.nullable,
            descending: false,
        });
        self.order.iter().cloned().chain(unique).collect()
    }

    /// Every column that a name, the order or the rows themselves need.
    pub(super) fn all(&self) -> Vec<Wanted> {
        let mut all: Vec<Wanted> = Vec::new();
        let mut add = |one: Wanted| {
            if all.iter().all(|known| known.term != one.term) {
                all.push(one);
            }
        };
        for named in &self.names {
            for term in std::iter::once(&named.term).chain(&named.compared) {
                add(Wanted {
                    term: term.clone(),
                    kind: named.what.kind(),
                    nullable: named.nullable,
                });
            }
        }
        for sort in self.sorts() {
            let Sort {
                term,
                kind,
                nullable,
                ..
            } = sort;
            add(Wanted {
                term,
                kind,
                nullable,
            });
        }
        all
    }

    /// Keeps some rows in the order that was said.
    pub(super) fn cut(&mut self, skip: i64, take: i64) {
        let all = self.all();
        let mut of = self.query(&all);
        of.order = keys(&mut of.columns, self.sorts().iter());
        let mut columns = of.columns.clone();
        let mut moved = |term: &Term, of: &Wanted| {
            Term::output(position(&mut columns, term), of.kind, of.nullable)
        };
        let mut again = |term: &mut Term| {
            if let Some(wanted) = all.iter().find(|one| one.term == *term) {
                *term = moved(term, wanted);
            }
        };
        for named in &mut self.names {
            again(&mut named.term);
            named.compared.iter_mut().for_each(&mut again);
        }
        for sort in &mut self.order {
            again(&mut sort.term);
        }
        for output in self.unique.iter_mut().chain(&mut self.part) {
            let mut term = Term::Output(*output);
            again(&mut term);
            if let Term::Output(new) = term {
                *output = new;
            }
        }
        self.predicate = Predicate::Always;
        self.source = Source::Cut(Cut { of, skip, take });
    }
}
