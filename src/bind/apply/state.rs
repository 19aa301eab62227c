//! The rows that transformations work on.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{Cut, OrderKey, OutputKind, Query, Source, Term};
use crate::syntax::ast::{Expr, Head, LogicalOperator, Node, Path, Step};

use super::super::children::Children;
use super::super::frames::Frames;
use super::super::rows::Rows;
use super::super::scope::Setting;
use super::super::subject::Side;
use super::super::{constant, refuse, walk};
use super::condition;
use super::derived::Derived;
use super::group;
use super::named::Named;

/// What is there.
#[derive(Debug, Clone)]
pub(super) enum State<'a> {
    /// Rows of entities.
    Entities(Box<Entities<'a>>),
    /// Anything else.
    Derived(Box<Derived<'a>>),
}

/// A term of an order.
#[derive(Debug, Clone)]
pub(super) struct Sort {
    pub(super) term: Term,
    pub(super) kind: OutputKind,
    pub(super) nullable: bool,
    pub(super) descending: bool,
}

/// A column that somebody wants: a term and what it holds.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) term: Term,
    pub(super) kind: OutputKind,
    pub(super) nullable: bool,
}

/// Rows of an entity, and what is computed from them.
#[derive(Debug, Clone)]
pub(super) struct Entities<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) computed: Vec<Named<'a>>,
    /// What `orderby` said last.
    pub(super) order: Vec<Sort>,
    /// Rows left out and rows left, once that is said.
    pub(super) cut: Option<(i64, i64)>,
}

impl<'a> State<'a> {
    /// Rows of entities of which nothing is asked yet.
    pub(super) fn new(rows: Rows<'a>) -> Self {
        Self::Entities(Box::new(Entities {
            rows,
            computed: Vec::new(),
            order: Vec::new(),
            cut: None,
        }))
    }

    /// Rows that are no entities.
    pub(super) fn derived(derived: Derived<'a>) -> Self {
        Self::Derived(Box::new(derived))
    }

    /// What the request says.
    pub(super) fn setting(&self) -> Setting<'a> {
        match self {
            Self::Entities(entities) => entities.rows.setting,
            Self::Derived(derived) => derived.setting,
        }
    }

    /// What a path stands for.
    pub(super) fn find(&mut self, path: &'a Path, span: Span) -> Result<Named<'a>> {
        self.find_for(path, span, Code::FilterNotDeclared)
    }

    /// The same, with the refusal of what has no column.
    fn find_for(&mut self, path: &'a Path, span: Span, refusal: Code) -> Result<Named<'a>> {
        match self {
            Self::Entities(entities) => entities
                .find(path, span)?
                .ok_or_else(|| calculated(refusal, span)),
            Self::Derived(derived) => derived.find(path, span),
        }
    }

    /// What an expression stands for, which has to be a path: `wanted` says for what.
    pub(super) fn find_node(&mut self, node: &'a Node, wanted: &str) -> Result<Named<'a>> {
        self.find_node_for(node, wanted, Code::FilterNotDeclared)
    }

    /// The same, for something that orders.
    pub(super) fn find_sorting(&mut self, node: &'a Node, wanted: &str) -> Result<Named<'a>> {
        self.find_node_for(node, wanted, Code::OrderNotDeclared)
    }

    fn find_node_for(&mut self, node: &'a Node, wanted: &str, refusal: Code) -> Result<Named<'a>> {
        self.find_in(self.setting(), node, wanted, refusal)
    }

    fn find_in(
        &mut self,
        setting: Setting<'a>,
        node: &'a Node,
        wanted: &str,
        refusal: Code,
    ) -> Result<Named<'a>> {
        if let Expr::Path(path) = &node.node {
            return self.find_for(path, node.span, refusal);
        }
        if let Expr::Alias(name) = &node.node
            && let Some((inner, opt)) = setting.alias(name, node.span)?
        {
            let found = self.find_in(inner, &opt.value, wanted, refusal);
            return found.map_err(|p| p.within(&constant::at(name), &opt.text));
        }
        let text = format!("{wanted} is a name here, not an expression");
        let help = "what is computed gets a name first, by `compute`";
        Err(refuse::not_offered(&text, node.span).help(help))
    }

    /// Keeps the rows of a condition.
    pub(super) fn filter(&mut self, node: &'a Node) -> Result<()> {
        match self {
            Self::Entities(entities) => entities.filter(node),
            Self::Derived(derived) => derived.filter(node),
        }
    }

    /// The rows as a query with the wanted columns, one for each.
    pub(super) fn query(&self, wanted: &[Wanted]) -> Query {
        match self {
            Self::Entities(entities) => entities.query(wanted),
            Self::Derived(derived) => derived.query(wanted),
        }
    }

    /// Adds what is computed for each row; its name must be new.
    pub(super) fn add(&mut self, named: Named<'a>, span: Span) -> Result<()> {
        self.check_new(&named.label(), span)?;
        match self {
            Self::Entities(entities) => entities.computed.push(named),
            Self::Derived(derived) => derived.names.push(named),
        }
        Ok(())
    }

    /// Refuses a name that is there already.
    fn check_new(&self, name: &str, span: Span) -> Result<()> {
        let (entity, known) = match self {
            Self::Entities(entities) => (entities.rows.entity(), &entities.computed),
            Self::Derived(derived) => (derived.entity, &derived.names),
        };
        let entity = self.setting().entity(entity);
        if known.len() >= group::MOST {
            return Err(group::too_many(span));
        }
        let first = |n: &Named<'_>| n.path.first().is_some_and(|first| first == name);
        if entity.property(name).is_none() && !known.iter().any(first) {
            return Ok(());
        }
        let text = format!("the name `{name}` is taken");
        let problem = Problem::new(Code::InvalidOption, text).about(name).at(span);
        Err(problem.help("take another one: neither a property nor a name that is there already"))
    }
}

impl<'a> Entities<'a> {
    /// The rows as they are; refused where they would have to be shown otherwise than entities are.
    pub(super) fn whole(self, span: Span) -> Result<Rows<'a>> {
        let plain = self.computed.is_empty() && self.order.is_empty() && self.cut.is_none();
        if plain {
            return Ok(self.rows);
        }
        let text = "`$apply` that orders, cuts or computes has to group or aggregate after that";
        let help = "`$orderby`, `$top` and `$skip` order and cut entities";
        Err(refuse::not_offered(text, span).help(help))
    }

    /// Refuses what would have to narrow rows that are cut already.
    pub(super) fn uncut(&self, span: Span) -> Result<()> {
        if self.cut.is_none() {
            return Ok(());
        }
        let text = "narrowing what is cut already is not offered";
        Err(refuse::not_offered(text, span).help("filter and search before `top` and `skip`"))
    }

    /// What a path stands for; nothing for what is calculated.
    fn find(&mut self, path: &'a Path, span: Span) -> Result<Option<Named<'a>>> {
        let found = simple(path).and_then(|name| self.computed.iter().find(|n| n.label() == name));
        if let Some(named) = found {
            return Ok(Some(named.clone()));
        }
        let cast = |step: &crate::diag::At<Step>| matches!(&step.node, Step::Name(name) if !name.namespace.is_empty());
        if path.steps.iter().any(cast) || path.head != Head::Implicit {
            let text = "types and variables inside `$apply` are not offered";
            return Err(refuse::not_offered(text, span));
        }
        let (setting, rows) = (self.rows.setting, &mut self.rows);
        let here = rows.here;
        let side = Frames::over(&mut rows.tables, here, |frames| {
            walk::path(setting, frames, path, span)
        })?;
        Ok(match &side {
            Side::Attribute(subject) => Named::attribute(subject, &setting.context.language),
            Side::Link(link) => Some(Named::link(link)),
            Side::Children(children) => return Err(counted(setting, children, span)),
            Side::Constant(_) | Side::IndexOf(..) | Side::Condition | Side::Case(_) => None,
        })
    }

    fn filter(&mut self, node: &'a Node) -> Result<()> {
        self.uncut(node.span)?;
        self.filter_in(self.rows.setting, node)
    }

    fn filter_in(&mut self, setting: Setting<'a>, node: &'a Node) -> Result<()> {
        if let Expr::Logical {
            operator: LogicalOperator::And,
            operands,
        } = &node.node
        {
            // Each stands alone: so what looks at entities only may say more.
            let mut operands = operands.iter();
            return operands.try_for_each(|one| self.filter_in(setting, one));
        }
        if !condition::mentions(setting, node, &self.computed)? {
            return self.rows.filter(node);
        }
        if let Expr::Alias(name) = &node.node
            && let Some((inner, opt)) = setting.alias(name, node.span)?
        {
            let filtered = self.filter_in(inner, &opt.value);
            return filtered.map_err(|p| p.within(&constant::at(name), &opt.text));
        }
        let predicate = condition::bind(setting, node, &mut |path, span| {
            self.find(path, span)?
                .ok_or_else(|| calculated(Code::FilterNotDeclared, span))
        })?;
        self.rows.narrow(predicate);
        Ok(())
    }

    fn query(&self, wanted: &[Wanted]) -> Query {
        let terms = wanted.iter().map(|one| one.term.clone());
        let rows = &self.rows;
        let mut query = Query {
            entity: rows.entity(),
            joins: rows.tables.joins.clone(),
            predicate: rows.predicate.clone(),
            columns: terms.collect(),
            order: Vec::new(),
            after: None,
            skip: 0,
            take: None,
            over: None,
        };
        let Some((skip, take)) = self.cut else {
            return query;
        };
        let key = Sort {
            term: Term::Column(rows.here.key()),
            kind: OutputKind::Guid,
            nullable: false,
            descending: false,
        };
        query.order = keys(&mut query.columns, self.order.iter().chain([&key]));
        let of = query;
        let source = Source::Cut(Cut { of, skip, take });
        let outputs = wanted.iter().enumerate();
        let outputs = outputs.map(|(no, one)| Term::output(no, one.kind, one.nullable));
        Query {
            columns: outputs.collect(),
            ..Query::over(rows.entity(), source)
        }
    }
}

/// What has no column.
fn calculated(refusal: Code, span: Span) -> Problem {
    let text = "what is calculated neither groups, aggregates nor orders";
    Problem::new(refusal, text).at(span)
}

/// What is asked of children groups, aggregates and orders nothing: they group themselves.
fn counted(setting: Setting<'_>, children: &Children<'_>, span: Span) -> Problem {
    let name = children.name;
    let text = format!("numbers of `{name}` neither group nor aggregate nor order");
    let of = setting.entity(children.target);
    let (set, back) = (&of.set, &of.reference(children.back).name);
    let help = format!("group them: `{set}?$apply=groupby(({back}),aggregate($count as N))`");
    refuse::not_offered(&text, span).about(name).help(help)
}

/// The keys of an order, with a column for each term; a term counts once.
pub(super) fn keys<'s>(
    columns: &mut Vec<Term>,
    sorts: impl Iterator<Item = &'s Sort>,
) -> Vec<OrderKey> {
    let mut keys: Vec<OrderKey> = Vec::new();
    for sort in sorts {
        if keys.iter().any(|key| key.term == sort.term) {
            continue;
        }
        keys.push(OrderKey {
            term: sort.term.clone(),
            descending: sort.descending,
            nullable: sort.nullable,
            position: position(columns, &sort.term),
        });
    }
    keys
}

/// The position of a term; it is added when it is new.
pub(super) fn position(columns: &mut Vec<Term>, term: &Term) -> usize {
    match columns.iter().position(|known| known == term) {
        Some(position) => position,
        None => {
            columns.push(term.clone());
            columns.len() - 1
        }
    }
}

/// The name, where a path is just one.
fn simple(path: &Path) -> Option<&str> {
    match (path.head, path.steps.as_slice()) {
        (Head::Implicit, [step]) => match &step.node {
            Step::Name(name) if name.namespace.is_empty() => Some(&name.name),
            Step::Name(_)
            | Step::Key(_)
            | Step::Call { .. }
            | Step::Count(_)
            | Step::Any(_)
            | Step::All(_)
            | Step::Filter(_)
            | Step::Annotation(_) => None,
        },
        (_, _) => None,
    }
}
