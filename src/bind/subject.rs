//! What stands on one side of a condition: an attribute, a reference, a constant.

use std::fmt;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, PropertyId, Reference};
use crate::plan::{Column, Term};
use crate::syntax::ast::{self, Expr, Head, Node, Step};
use crate::value::{Kind, Language};

use super::arithmetic;
use super::constant::{self, Constant};
use super::functions::{self, Role};
use super::scope::{self, Instance, Located, Setting, Tables};
use super::{refuse, visible, wrap};

/// A side of a comparison or an argument of a function.
#[derive(Debug)]
pub(super) enum Side<'a> {
    /// A value that no row changes.
    Constant(Constant<'a>),
    /// An attribute.
    Attribute(Subject<'a>),
    /// A reference, or the key of its target.
    Link(LinkSubject<'a>),
    /// `indexof(A,'x')`.
    IndexOf(Subject<'a>, Constant<'a>),
    /// Anything that is true or false.
    Condition,
}

/// An attribute and what a query puts around it.
#[derive(Debug)]
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
#[derive(Debug)]
pub(super) struct LinkSubject<'a> {
    pub(super) reference: &'a Reference,
    pub(super) path: Label<'a>,
    pub(super) column: Column,
    pub(super) nullable: bool,
    /// `Person/Id` and not `Person`.
    pub(super) key: bool,
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
                write!(f, "{slash}{}", super::suggest::qualified(name))?;
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
    tables: &mut Tables,
    here: Instance,
    node: &'a Node,
) -> Result<Side<'a>> {
    if let Some(constant) = constant::fold(setting, node)? {
        return Ok(Side::Constant(constant));
    }
    match &node.node {
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok(Side::Constant(Constant::Null)),
            Some((inner, opt)) => side(inner, tables, here, &opt.value)
                .map_err(|p| p.within(&constant::at(name), &opt.text)),
        },
        Expr::Path(path) => self::path(setting, tables, here, path, node.span),
        Expr::Call { name, arguments } => {
            let function = functions::find(&name.node, arguments.len(), name.span)?;
            let first = arguments.first().map(|a| &a.value);
            let (first, second) = (first, arguments.get(1).map(|a| &a.value));
            match (function.role, first, second) {
                (Role::Match(_) | Role::OrNull(_), _, _) => Ok(Side::Condition),
                (Role::Wrap(function), Some(inner), _) => {
                    let inner = side(setting, tables, here, inner)?;
                    wrap::around(setting, inner, function, node.span)
                }
                (Role::IndexOf, Some(inner), Some(needle)) => {
                    let inner = side(setting, tables, here, inner)?;
                    wrap::index_of(setting, inner, needle, node.span)
                }
                (Role::Wrap(_) | Role::IndexOf | Role::Constant(_) | Role::Known, _, _) => Err(
                    refuse::call(setting, tables, here, function.name, arguments, node.span),
                ),
            }
        }
        Expr::Unary { operator, operand } => match operator {
            ast::UnaryOperator::Not => Ok(Side::Condition),
            ast::UnaryOperator::Negate => Err(refuse::computed(
                setting, tables, here, "-", operand, node.span,
            )),
        },
        Expr::Binary {
            operator,
            left,
            right,
        } => {
            if !arithmetic::is_arithmetic(operator.node) {
                return Ok(Side::Condition);
            }
            let word = operator.node.word();
            let moving = match constant::fold(setting, left)? {
                Some(_) => right,
                None => left,
            };
            Err(refuse::computed(
                setting, tables, here, word, moving, node.span,
            ))
        }
        Expr::Logical { .. } | Expr::In { .. } => Ok(Side::Condition),
        Expr::Case(_) => Err(refuse::not_offered("`case` is not offered yet", node.span)),
        Expr::List(_) | Expr::Json(_) | Expr::Object(_) => {
            let text = "a list or object can only stand after `in`";
            Err(Problem::new(Code::TypeMismatch, text).at(node.span))
        }
        Expr::Literal(_) => Ok(Side::Condition),
    }
}

/// Binds a path of an expression.
pub(super) fn path<'a>(
    setting: Setting<'a>,
    tables: &mut Tables,
    here: Instance,
    path: &'a ast::Path,
    span: Span,
) -> Result<Side<'a>> {
    match path.head {
        Head::Implicit | Head::It => {}
        Head::This => return Err(refuse::not_offered("`$this` is not offered yet", span)),
        Head::Root => return Err(refuse::not_offered("`$root` is not offered yet", span)),
    }
    let walk = Walk {
        setting,
        tables,
        path,
        span,
    };
    walk.go(here)
}

/// A walk along a path.
struct Walk<'a, 't> {
    setting: Setting<'a>,
    tables: &'t mut Tables,
    path: &'a ast::Path,
    span: Span,
}

impl<'a> Walk<'a, '_> {
    fn go(self, mut at: Instance) -> Result<Side<'a>> {
        let mut steps = self.path.steps.as_slice();
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
                PropertyId::Collection(_) => return Err(self.collection(&name.name, rest)),
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
                        }));
                    }
                    if !scope::passable(reference) {
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
    fn ends_in_key(
        &self,
        reference: &Reference,
        rest: &[crate::diag::At<Step>],
    ) -> Result<Option<bool>> {
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
                        scope::is_key(target.attribute(id)).then_some(true)
                    }
                    PropertyId::Reference(_) | PropertyId::Collection(_) => None,
                }
            }
            Step::Name(name) => {
                self.setting.cast(reference.target, name, step.span)?;
                Some(false)
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
        rest: &[crate::diag::At<Step>],
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
            span: self.span,
        })
    }

    fn collection(&self, name: &str, rest: &[crate::diag::At<Step>]) -> Problem {
        match rest.first() {
            Some(step) => self.no_name(&step.node, step.span),
            None => {
                let text = format!("`{name}` is a collection and cannot be compared");
                Problem::new(Code::TypeMismatch, text)
                    .about(name)
                    .at(self.span)
            }
        }
    }

    /// The problem of a step that cannot stand where it does.
    fn no_name(&self, step: &Step, span: Span) -> Problem {
        let offered = |what: &str| refuse::not_offered(&format!("{what} is not offered yet"), span);
        match step {
            Step::Any(_) => offered("`any`"),
            Step::All(_) => offered("`all`"),
            Step::Count(_) => offered("`$count` in an expression"),
            Step::Filter(_) => offered("`$filter` in an expression"),
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
pub(super) fn language(step: &crate::diag::At<Step>) -> Result<String> {
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
