//! What stands on one side of a condition: an attribute, a reference, a constant.

use std::fmt;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Attribute, CollectionId, PropertyId, Reference};
use crate::plan::{Column, Term};
use crate::syntax::ast::{self, Expr, Head, Node, Step};
use crate::value::{Kind, Language};

use super::arithmetic;
use super::case::Branches;
use super::constant::{self, Constant};
use super::frames::Frames;
use super::functions::{self, Role};
use super::lambda::{Asked, Children};
use super::scope::Setting;
use super::tables::{self, Instance, Located, Tables};
use super::{cast, refuse, suggest, visible, wrap};

/// A side of a comparison or an argument of a function.
#[derive(Debug, Clone)]
pub(super) enum Side<'a> {
    /// A value that no row changes.
    Constant(Constant<'a>),
    /// An attribute.
    Attribute(Subject<'a>),
    /// A reference, or the key of its target.
    Link(LinkSubject<'a>),
    /// `indexof(A,'x')`.
    IndexOf(Subject<'a>, Constant<'a>),
    /// Children, and what is asked of them.
    Children(Children<'a>),
    /// `case(…)`.
    Case(Branches<'a>),
    /// Anything else that is true or false.
    Condition,
}

/// An attribute and what a query puts around it.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) path: Label<'a>,
    /// Nothing for calculated attributes, which declare no filter.
    pub(super) located: Option<Located>,
    /// `Name/EN`: the key of the language.
    pub(super) language: Option<String>,
    /// `tolower(A)` or `toupper(A)`.
    pub(super) folded: bool,
    /// `trim(A)`.
    pub(super) trimmed: bool,
    pub(super) part: Part,
    /// How many levels further out its row is: see [`Frames`].
    pub(super) up: usize,
    pub(super) span: Span,
}

/// Which part of a point in time is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Whole,
    Date,
    Year,
}

/// A reference in a condition.
#[derive(Debug, Clone)]
pub(super) struct LinkSubject<'a> {
    pub(super) reference: &'a Reference,
    pub(super) path: Label<'a>,
    pub(super) column: Column,
    pub(super) nullable: bool,
    /// `Person/Id` and not `Person`.
    pub(super) key: bool,
    /// How many levels further out its row is.
    pub(super) up: usize,
}

/// A path as its query wrote it, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a>(pub(super) &'a ast::Path);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for step in &self.0.steps {
            if let Step::Name(name) = &step.node {
                let slash = if first { "" } else { "/" };
                write!(f, "{slash}{}", suggest::qualified(name))?;
                first = false;
            }
        }
        Ok(())
    }
}

impl Subject<'_> {
    /// The stored value as the query wraps it: what null tests and comparisons look at.
    pub(super) fn term(&self, column: Column) -> Term {
        let term = Term::Column(column);
        if self.trimmed {
            Term::Trimmed(Box::new(term))
        } else {
            term
        }
    }
}

/// Binds one side.
pub(super) fn side<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    node: &'a Node,
) -> Result<Side<'a>> {
    if let Some(constant) = constant::fold(setting, node)? {
        return Ok(Side::Constant(constant));
    }
    match &node.node {
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok(Side::Constant(Constant::Null)),
            Some((inner, opt)) => side(inner, frames, &opt.value)
                .map_err(|p| p.within(&constant::at(name), &opt.text)),
        },
        Expr::Path(path) => match setting.computed(path) {
            Some((inner, item, text)) => side(inner, frames, &item.expression)
                .map_err(|p| p.within(setting.compute_source(), text)),
            None => self::path(setting, frames, path, node.span),
        },
        Expr::Call { name, arguments } => {
            let function = functions::find(&name.node, arguments.len(), name.span)?;
            let first = arguments.first().map(|a| &a.value);
            let (first, second) = (first, arguments.get(1).map(|a| &a.value));
            match (function.role, first, second) {
                (Role::Match(_) | Role::OrNull(_), _, _) => Ok(Side::Condition),
                (Role::Wrap(function), Some(inner), _) => {
                    let inner = side(setting, frames, inner)?;
                    wrap::around(setting, inner, function, node.span)
                }
                (Role::IndexOf, Some(inner), Some(needle)) => {
                    let inner = side(setting, frames, inner)?;
                    wrap::index_of(setting, inner, needle, node.span)
                }
                (Role::IsOf, Some(_), None) => Ok(Side::Condition),
                (Role::Cast, Some(inner), Some(to)) => {
                    let of = side(setting, frames, inner)?;
                    let name = cast::type_name(to)?;
                    match of {
                        Side::Attribute(subject) if is_type(&subject, name) => {
                            Ok(Side::Attribute(subject))
                        }
                        Side::Attribute(subject) => {
                            Err(refuse::attribute(&subject, "cast", node.span))
                        }
                        Side::Link(found) => Err(refuse::link(&found, "cast", node.span)),
                        Side::Constant(_)
                        | Side::IndexOf(..)
                        | Side::Children(_)
                        | Side::Case(_)
                        | Side::Condition => {
                            let text = "`cast` of a condition is not offered";
                            Err(refuse::not_offered(text, node.span))
                        }
                    }
                }
                (
                    Role::Wrap(_)
                    | Role::IndexOf
                    | Role::Constant(_)
                    | Role::Moment(_)
                    | Role::Cast
                    | Role::IsOf
                    | Role::Known(_),
                    _,
                    _,
                ) => Err(refuse::call(
                    setting, frames, function, arguments, node.span,
                )),
            }
        }
        Expr::Unary { operator, operand } => match operator {
            ast::UnaryOperator::Not => Ok(Side::Condition),
            ast::UnaryOperator::Negate => {
                Err(refuse::computed(setting, frames, "-", operand, node.span))
            }
        },
        Expr::Binary {
            operator,
            left,
            right,
        } => {
            if arithmetic::function(operator.node).is_none() {
                return Ok(Side::Condition);
            }
            let word = operator.node.word();
            let moving = match constant::fold(setting, left)? {
                Some(_) => right,
                None => left,
            };
            Err(refuse::computed(setting, frames, word, moving, node.span))
        }
        Expr::Logical { .. } | Expr::In { .. } => Ok(Side::Condition),
        Expr::Case(branches) => Ok(Side::Case(branches)),
        Expr::List(_) | Expr::Json(_) | Expr::Object(_) => {
            let text = "a list or object can only stand after `in`";
            Err(Problem::new(Code::TypeMismatch, text).at(node.span))
        }
        Expr::Literal(_) => Ok(Side::Condition),
    }
}

/// Whether an attribute is of a type: a cast to it changes nothing.
fn is_type(subject: &Subject<'_>, name: &ast::Name) -> bool {
    let whole = subject.part == Part::Whole;
    whole && suggest::qualified(name) == subject.attribute.kind.edm()
}

/// Binds a path of an expression.
pub(super) fn path<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    path: &'a ast::Path,
    span: Span,
) -> Result<Side<'a>> {
    let (level, steps) = start(setting, frames, path, span)?;
    let up = frames.up(level);
    let frame = frames.at(level);
    let here = frame.here;
    let walk = Walk {
        setting,
        tables: &mut frame.tables,
        path,
        up,
        span,
    };
    walk.go(here, steps)
}

/// Which rows a path begins at, and the steps from there. What is not said otherwise begins at the
/// rows of the query, also inside lambdas (OData 4.01 Part 2, 5.1.1.13).
fn start<'a>(
    setting: Setting<'a>,
    frames: &Frames<'a>,
    path: &'a ast::Path,
    span: Span,
) -> Result<(usize, &'a [At<Step>])> {
    let steps = path.steps.as_slice();
    match path.head {
        Head::Implicit => {
            let variable = match steps.first().map(|step| &step.node) {
                Some(Step::Name(name)) if name.namespace.is_empty() => frames.level(&name.name),
                Some(_) | None => None,
            };
            Ok(match variable {
                Some(level) => (level, steps.get(1..).unwrap_or_default()),
                None => (0, steps),
            })
        }
        Head::It if setting.expanded => {
            let text = "inside `$expand`, `$it` is the row that is expanded: comparing with it is not offered";
            Err(refuse::not_offered(text, span).help("`$this` is the row of the expansion"))
        }
        Head::It | Head::This => Ok((0, steps)),
        Head::Root => {
            let text = "values of other entities, `$root/…`, are not looked up";
            Err(refuse::not_offered(text, span).help("write the value itself"))
        }
    }
}

/// A walk along a path.
struct Walk<'a, 't> {
    setting: Setting<'a>,
    tables: &'t mut Tables,
    path: &'a ast::Path,
    up: usize,
    span: Span,
}

impl<'a> Walk<'a, '_> {
    fn go(self, mut at: Instance, mut steps: &'a [At<Step>]) -> Result<Side<'a>> {
        while let [step, rest @ ..] = steps {
            let Step::Name(name) = &step.node else {
                return Err(self.no_name(&step.node, step.span));
            };
            if !name.namespace.is_empty() {
                let to = self.setting.cast(at.entity, name, step.span)?;
                at = self.tables.cast(self.setting, at, to)?;
                steps = rest;
                continue;
            }
            let entity = self.setting.entity(at.entity);
            match self.setting.property(at.entity, &name.name, step.span)? {
                PropertyId::Attribute(id) => {
                    let attribute = self.setting.open(at.entity, id, step.span)?;
                    let located = self.tables.attribute(self.setting, at, id)?;
                    return self
                        .attribute(attribute, located, rest)
                        .map(Side::Attribute);
                }
                PropertyId::Collection(id) => return self.collection(at, id, rest),
                PropertyId::Reference(id) => {
                    let reference = entity.reference(id);
                    let property = PropertyId::Reference(id);
                    visible::check_property(self.setting, at.entity, property, step.span)?;
                    if let Some(key) = self.ends_in_key(reference, rest)? {
                        let located = self.tables.reference(self.setting, at, id)?;
                        return Ok(Side::Link(LinkSubject {
                            reference,
                            path: Label(self.path),
                            column: located.column,
                            nullable: located.nullable,
                            key,
                            up: self.up,
                        }));
                    }
                    if !tables::passable(reference) {
                        return Err(refuse::not_passable(self.setting, reference, self.span));
                    }
                    at = self.tables.follow(self.setting, at, id)?;
                }
            }
            steps = rest;
        }
        let text = "an entity cannot be compared, only its attributes and references";
        Err(Problem::new(Code::TypeMismatch, text).at(self.span))
    }

    /// Whether what follows a reference is nothing (the link itself) or the key of its target.
    fn ends_in_key(&self, reference: &Reference, rest: &[At<Step>]) -> Result<Option<bool>> {
        let [step] = rest else {
            return Ok(rest.is_empty().then_some(false));
        };
        Ok(match &step.node {
            Step::Name(name) if name.namespace.is_empty() => {
                let target = self.setting.entity(reference.target);
                match self
                    .setting
                    .property(reference.target, &name.name, step.span)?
                {
                    PropertyId::Attribute(id) => {
                        tables::is_key(target.attribute(id)).then_some(true)
                    }
                    PropertyId::Reference(_) | PropertyId::Collection(_) => None,
                }
            }
            Step::Name(name) => {
                // A cast to a derived type asks something of the target, as its attributes do.
                let to = self.setting.cast(reference.target, name, step.span)?;
                let same = self.setting.model.is_a(reference.target, to);
                same.then_some(false)
            }
            // `Person/@odata.id eq '…'`: the address is what a reference is compared with.
            Step::Annotation(name) if name.name == "id" => Some(false),
            Step::Annotation(_)
            | Step::Key(_)
            | Step::Call { .. }
            | Step::Count(_)
            | Step::Any(_)
            | Step::All(_)
            | Step::Filter(_) => None,
        })
    }

    fn attribute(
        &self,
        attribute: &'a Attribute,
        located: Option<Located>,
        rest: &[At<Step>],
    ) -> Result<Subject<'a>> {
        let language = match rest {
            [] => None,
            [step] if attribute.kind == Kind::Multilanguage => Some(language(step)?),
            [step, ..] => return Err(self.no_name(&step.node, step.span)),
        };
        Ok(Subject {
            attribute,
            path: Label(self.path),
            located,
            language,
            folded: false,
            trimmed: false,
            part: Part::Whole,
            up: self.up,
            span: self.span,
        })
    }

    /// The children of a row, and what is asked of them.
    fn collection(&self, at: Instance, id: CollectionId, rest: &'a [At<Step>]) -> Result<Side<'a>> {
        let collection = self.setting.entity(at.entity).collection(id);
        let name = collection.name.as_str();
        let Some((step, after)) = rest.split_first() else {
            let text = format!("`{name}` is a collection and cannot be compared");
            let problem = Problem::new(Code::TypeMismatch, text).about(name);
            let problem = problem.at(self.span);
            return Err(problem.help(format!("write `{name}/any(x:x/… eq …)`")));
        };
        let property = PropertyId::Collection(id);
        visible::check_property(self.setting, at.entity, property, step.span)?;
        let asked = match &step.node {
            Step::Any(lambda) => Asked::Any(lambda.as_deref()),
            Step::All(lambda) => Asked::All(lambda),
            Step::Count(None) => Asked::Count,
            Step::Name(_)
            | Step::Key(_)
            | Step::Call { .. }
            | Step::Count(Some(_))
            | Step::Filter(_)
            | Step::Annotation(_) => {
                let problem = self.no_name(&step.node, step.span);
                return Err(problem.help(format!("write `{name}/any(x:x/… eq …)`")));
            }
        };
        if let Some(step) = after.first() {
            return Err(self.no_name(&step.node, step.span));
        }
        Ok(Side::Children(Children {
            name,
            target: collection.target,
            back: collection.back,
            owner: at.key(),
            up: self.up,
            asked,
            span: step.span,
        }))
    }

    /// The problem of a step that cannot stand where it does.
    fn no_name(&self, step: &Step, span: Span) -> Problem {
        let offered = |what: &str| refuse::not_offered(&format!("{what} is not offered"), span);
        match step {
            Step::Any(_) | Step::All(_) => {
                let text = "`any` and `all` are asked of a collection";
                Problem::new(Code::TypeMismatch, text).at(span)
            }
            Step::Count(_) => offered("`$count` here"),
            Step::Filter(_) => offered("`$filter` inside an expression"),
            Step::Key(_) => offered("a key in an expression"),
            Step::Call { name, .. } => offered(&format!("the function `{}`", name.name)),
            Step::Annotation(_) => offered("an annotation in an expression"),
            Step::Name(name) => {
                let text = format!("nothing can follow here, not `{}`", name.name);
                Problem::new(Code::UnknownProperty, text)
                    .about(&name.name)
                    .at(span)
            }
        }
    }
}

/// The key of the language in `Name/EN`.
pub(super) fn language(step: &At<Step>) -> Result<String> {
    let name = match &step.node {
        Step::Name(name) if name.namespace.is_empty() => name.name.as_str(),
        Step::Name(_)
        | Step::Key(_)
        | Step::Call { .. }
        | Step::Count(_)
        | Step::Any(_)
        | Step::All(_)
        | Step::Filter(_)
        | Step::Annotation(_) => "",
    };
    language_key(name, step.span)
}

/// The key of a language by its name in a path.
pub(super) fn language_key(name: &str, span: Span) -> Result<String> {
    Language::parse(name)
        .map(|l| l.key().to_owned())
        .ok_or_else(|| {
            let text = format!("`{name}` is no language");
            Problem::new(Code::UnknownProperty, text)
                .about(name)
                .at(span)
                .help("name a language by its letters, such as `EN`")
        })
}
