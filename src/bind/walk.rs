//! Paths of expressions: the rows at which they begin, the properties they go through, what they
//! end in.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Attribute, CollectionId, EntityId, PropertyId, Reference};
use crate::syntax::ast::{self, Head, Step};
use crate::value::{Kind, Language};

use super::children::{self, Children};
use super::frames::Frames;
use super::scope::Setting;
use super::subject::{Label, LinkSubject, Part, Side, Subject};
use super::tables::{self, Instance, Located, Tables};
use super::{refuse, visible};

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

/// A column that is null where the row that a path leads to is none of a type, and how many levels
/// further out it is. Without a path, the row is the one at hand.
pub(super) fn typed<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    path: Option<&'a ast::Path>,
    of: &At<&ast::Name>,
    span: Span,
) -> Result<(Located, usize)> {
    let (level, mut steps) = match path {
        Some(path) => start(setting, frames, path, span)?,
        None => (frames.implicit(), &[][..]),
    };
    let up = frames.up(level);
    let frame = frames.at(level);
    let (tables, mut at) = (&mut frame.tables, frame.here);
    while let [step, rest @ ..] = steps {
        let (name, id) = match &step.node {
            Step::Name(name) if !name.namespace.is_empty() => {
                let to = setting.cast(at.entity, name, step.span)?;
                at = tables.cast(setting, at, to)?;
                steps = rest;
                continue;
            }
            Step::Name(name) => match setting.property(at.entity, &name.name, step.span)? {
                PropertyId::Reference(id) => (name, id),
                PropertyId::Attribute(id) => {
                    setting.open(at.entity, id, step.span)?;
                    return Err(no_object(step.span));
                }
                PropertyId::Collection(_) => return Err(no_object(step.span)),
            },
            Step::Key(_)
            | Step::Call { .. }
            | Step::Count(_)
            | Step::Any(_)
            | Step::All(_)
            | Step::Filter(_)
            | Step::Annotation(_) => return Err(no_object(step.span)),
        };
        visible::check_property(setting, at.entity, PropertyId::Reference(id), step.span)?;
        let reference = setting.entity(at.entity).reference(id);
        if rest.is_empty() {
            let to = setting.cast(reference.target, of.node, of.span)?;
            if setting.model.is_a(reference.target, to) {
                // That there is one says it all, as `Ref ne null` does.
                if !reference.filters.eq {
                    let (name, declared) = (&name.name, reference.filters);
                    return Err(refuse::undeclared(name, declared, "isof", step.span));
                }
                return Ok((tables.reference(setting, at, id)?, up));
            }
        }
        if !tables::passable(reference) {
            return Err(refuse::not_passable(setting, reference, step.span));
        }
        at = tables.follow(setting, at, id)?;
        steps = rest;
    }
    let to = setting.cast(at.entity, of.node, of.span)?;
    let row = tables.cast(setting, at, to)?;
    let located = Located {
        column: row.key(),
        shadow: None,
        nullable: row.optional,
    };
    Ok((located, up))
}

fn no_object(span: Span) -> Problem {
    let text = "`isof` with a type of objects asks for one object: the row, or a reference";
    Problem::new(Code::TypeMismatch, text).at(span)
}

/// Which rows a path begins at, and the steps from there. What is not said otherwise begins at the
/// rows of the query, also inside lambdas (OData 4.01 Part 2, 5.1.1.13), and at those that a filter
/// of children is about.
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
                None => (frames.implicit(), steps),
            })
        }
        Head::It if setting.expanded => {
            let text = "inside `$expand`, `$it` is the row that is expanded: comparing with it is not offered";
            Err(refuse::not_offered(text, span).help("`$this` is the row of the expansion"))
        }
        Head::It => Ok((0, steps)),
        Head::This => Ok((frames.implicit(), steps)),
        Head::These => {
            let text = "`$these` is not offered: numbers of all rows are aggregated, not compared";
            Err(refuse::not_offered(text, span).help("`aggregate($count as N)` tells them"))
        }
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
        let rest = self.own_casts(collection.target, rest)?;
        let asked = children::question(rest).map_err(|stop| match stop {
            None => children::no_value(name, self.span),
            Some(step) => {
                let problem = self.no_name(&step.node, step.span);
                problem.help(format!("write `{name}/any(x:x/… eq …)`"))
            }
        })?;
        let property = PropertyId::Collection(id);
        visible::check_property(self.setting, at.entity, property, asked.span)?;
        Ok(Side::Children(Children {
            name,
            target: collection.target,
            back: collection.back,
            owner: at.key(),
            up: self.up,
            narrowed: asked.narrowed,
            asked: asked.asked,
            span: asked.span,
        }))
    }

    /// What follows casts of children to the type that they have.
    fn own_casts(&self, target: EntityId, mut steps: &'a [At<Step>]) -> Result<&'a [At<Step>]> {
        while let [step, rest @ ..] = steps {
            let Step::Name(name) = &step.node else { break };
            if name.namespace.is_empty() {
                break;
            }
            let to = self.setting.cast(target, name, step.span)?;
            if !self.setting.model.is_a(target, to) {
                let text = "children as what a derived type has are not offered in expressions";
                return Err(refuse::not_offered(text, step.span));
            }
            steps = rest;
        }
        Ok(steps)
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
fn language(step: &At<Step>) -> Result<String> {
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
