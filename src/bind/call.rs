//! Calls of methods: what an address calls, and the arguments in it.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Binding, Method, MethodKind, Parameter};
use crate::plan::{CallPlan, Plan, ResultPart};
use crate::syntax::ast::{Name, Node, Opt, Parens, QueryOptions, Request, Segment};
use crate::syntax::{self, Limits};
use crate::value::Value;

use super::allow::{self, Target};
use super::constant::{self, Constant};
use super::gather::gather;
use super::path::{self, Address, Part, Place};
use super::scope::Setting;
use super::suggest;

/// A method at the end of an address.
#[derive(Debug)]
pub(super) struct Called<'a> {
    pub(super) method: &'a Method,
    /// The object that it is called on; nothing where it is not bound.
    pub(super) object: Option<Place<'a>>,
    /// What stands in parentheses after its name.
    parens: Option<&'a Parens>,
    span: Span,
    /// Whether the number of items is asked for: `/$count`.
    count: bool,
}

/// The method that an address calls; nothing where it ends in something else.
pub(super) fn of<'a>(
    setting: Setting<'a>,
    segments: &'a [At<Segment>],
) -> Result<Option<Called<'a>>> {
    let Some((last, before)) = segments.split_last() else {
        return Ok(None);
    };
    let (last, before, count) = match (&last.node, before.split_last()) {
        (Segment::Count, Some((last, before))) => (last, before, true),
        (_, _) => (last, before, false),
    };
    let Segment::Name { name, parens } = &last.node else {
        return Ok(None);
    };
    let mut methods = setting.model.methods().iter();
    if !methods.any(|m| m.is_called(namespace(name), &name.name)) {
        return Ok(None);
    }
    let found = match before.is_empty() {
        true => unbound(setting, name),
        false => bound(setting, name, before, last.span)?,
    };
    Ok(found.map(|(method, object)| Called {
        method,
        object,
        parens: parens.as_ref(),
        span: last.span,
        count,
    }))
}

/// A method with the object that it is called on.
type Found<'a> = (&'a Method, Option<Place<'a>>);

fn unbound<'a>(setting: Setting<'a>, name: &Name) -> Option<Found<'a>> {
    let method = setting.model.unbound_method(namespace(name), &name.name)?;
    Some((method, None))
}

fn bound<'a>(
    setting: Setting<'a>,
    name: &Name,
    before: &'a [At<Segment>],
    span: Span,
) -> Result<Option<Found<'a>>> {
    let Address::Rows(place) = path::segments(setting, before)? else {
        return Ok(None);
    };
    let entity = place.rows.entity();
    let Some(method) = setting.model.method(entity, namespace(name), &name.name) else {
        return Ok(None);
    };
    // A property is meant where both have the name.
    let bare = name.namespace.is_empty();
    if bare && setting.entity(entity).property(&name.name).is_some() {
        return Ok(None);
    }
    if !place.single || place.part != Part::Entities {
        let message = format!("`{}` is called on one object", method.name);
        return Err(Problem::new(Code::NotFound, message).at(span));
    }
    Ok(Some((method, Some(*place))))
}

fn namespace(name: &Name) -> Option<&str> {
    (!name.namespace.is_empty()).then_some(name.namespace.as_str())
}

/// The problem of a method that stands where nothing is called: before the end of an address, or on
/// something that it is not of.
pub(super) fn misplaced(method: &Method, name: &Name, span: Span) -> Problem {
    let name = suggest::qualified(name);
    let message = match method.binding {
        Binding::Unbound => format!("`{name}` is called at the service root"),
        Binding::Any | Binding::Entity(_) => format!("`{name}` is called on an object"),
    };
    let problem = Problem::new(Code::NotFound, message).at(span);
    problem.help("after a call nothing follows but `/$count`, where it answers a collection")
}

impl<'a> Called<'a> {
    /// Sees that the method is one of the kind that the request is for.
    ///
    /// # Errors
    ///
    /// `MethodNotAllowed`.
    pub(super) fn check_kind(&self, kind: MethodKind) -> Result<()> {
        let (message, takes) = match self.method.kind {
            found if found == kind => return Ok(()),
            MethodKind::Action => ("is an action: call it with `POST`", "POST, OPTIONS"),
            MethodKind::Function => ("is a function: call it with `GET`", "GET, HEAD, OPTIONS"),
        };
        let message = format!("`{}` {message}", self.method.name);
        Err(Problem::new(Code::MethodNotAllowed, message).takes(takes))
    }

    /// Sees that only items are counted.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub(super) fn check_count(&self) -> Result<()> {
        if self.count && !self.method.is_collection() {
            let problem = path::nothing(self.span);
            return Err(problem.help("only collections have a `$count`"));
        }
        Ok(())
    }

    /// Sees that the address of an action has no arguments: they are in the body.
    ///
    /// # Errors
    ///
    /// `InvalidValue`.
    pub(super) fn check_action(&self) -> Result<()> {
        if self.count {
            return Err(path::nothing(self.span));
        }
        match self.parens {
            None | Some(Parens::Empty) => Ok(()),
            Some(Parens::Key(_) | Parens::Named(_)) => {
                let message = format!("`{}` takes its arguments in the body", self.method.name);
                Err(Problem::new(Code::InvalidValue, message).at(self.span))
            }
        }
    }

    /// The plan of a call of a function.
    ///
    /// # Errors
    ///
    /// `MethodNotAllowed` for an action; what is wrong with arguments and options.
    pub(super) fn plan(self, setting: Setting<'a>, request: &'a Request) -> Result<Plan> {
        let within = |problem: Problem| problem.within("path", &request.path_text);
        self.check_kind(MethodKind::Function)?;
        let arguments = self.arguments(setting, &request.options).map_err(within)?;
        let part = self.part(&request.options).map_err(within)?;
        let object = self.object.map(|place| {
            let (entity, key) = (place.rows.entity(), place.rows.here.key());
            (entity, place.rows.guids(key))
        });
        Ok(Plan::Call(Box::new(CallPlan {
            namespace: self.method.namespace.clone(),
            name: self.method.name.clone(),
            object,
            arguments,
            part,
        })))
    }

    /// Which part of the result the options ask for. Results are made, not queried: they can be cut
    /// and counted, and nothing else.
    fn part(&self, options: &QueryOptions) -> Result<ResultPart> {
        let is_collection = self.method.is_collection();
        let target = match (is_collection, self.count) {
            (true, false) => Target::Results,
            (_, _) => Target::Result,
        };
        allow::check(target, options)?;
        self.check_count()?;
        let number = |opt: &Option<Opt<At<u64>>>| opt.as_ref().map(|opt| opt.value.node);
        Ok(match (is_collection, self.count) {
            (_, true) => ResultPart::Count,
            (false, false) => ResultPart::Whole,
            (true, false) => ResultPart::Items {
                skip: number(&options.skip).unwrap_or_default(),
                top: number(&options.top),
                count: options.count.as_ref().is_some_and(|opt| opt.value.node),
            },
        })
    }

    /// The arguments: in parentheses by name, or, where those are left out, as query options
    /// (OData 4.01 Part 1, 11.5.4.1.1).
    fn arguments(
        &self,
        setting: Setting<'a>,
        options: &'a QueryOptions,
    ) -> Result<Vec<(String, Value)>> {
        let method = self.method;
        match self.parens {
            Some(Parens::Empty) => Ok(Vec::new()),
            Some(Parens::Key(key)) => {
                let message = format!("the arguments of `{}` have names", method.name);
                let problem = Problem::new(Code::InvalidValue, message).at(key.span);
                Err(problem.help(method.takes()))
            }
            Some(Parens::Named(pairs)) => {
                let mut seen: Vec<&str> = Vec::new();
                let given = pairs.iter().map(|(name, node)| {
                    let parameter = parameter(method, name)?;
                    if seen.contains(&parameter.name.as_str()) {
                        let message = format!("`{}` is given twice", parameter.name);
                        let problem = Problem::new(Code::DuplicateProperty, message);
                        return Err(problem.about(&parameter.name).at(name.span));
                    }
                    seen.push(&parameter.name);
                    value(setting, parameter, node)
                });
                Ok(gather(given)?.into_iter().flatten().collect())
            }
            None => {
                let given = method.parameters.iter();
                let given = given.map(|parameter| implicit(setting, parameter, options));
                Ok(gather(given)?.into_iter().flatten().collect())
            }
        }
    }
}

fn parameter<'m>(method: &'m Method, name: &At<String>) -> Result<&'m Parameter> {
    let found = method.parameters.iter().find(|p| p.name == name.node);
    found.ok_or_else(|| {
        let message = format!("`{}` has no parameter `{}`", method.name, name.node);
        let problem = Problem::new(Code::UnknownProperty, message);
        problem.about(&name.node).at(name.span).help(method.takes())
    })
}

/// An argument that stands in the query: `name=value`, or `@name=value` where the name is also that
/// of a system query option.
fn implicit(
    setting: Setting<'_>,
    parameter: &Parameter,
    options: &QueryOptions,
) -> Result<Option<(String, Value)>> {
    let name = &parameter.name;
    if let Some((setting, opt)) = setting.alias(name, Span::new(0, 0))? {
        let bound = value(setting, parameter, &opt.value);
        return bound.map_err(|problem| problem.within(&constant::at(name), &opt.text));
    }
    let Some((_, text)) = options.custom.iter().find(|(given, _)| given == name) else {
        return Ok(None);
    };
    let within = |problem: Problem| problem.within(name, text);
    let node = syntax::parse_expression(text, &Limits::default()).map_err(within)?;
    value(setting, parameter, &node).map_err(within)
}

/// The value of an argument, of the type of its parameter; nothing for null.
fn value(
    setting: Setting<'_>,
    parameter: &Parameter,
    node: &Node,
) -> Result<Option<(String, Value)>> {
    let (name, ty) = (&parameter.name, parameter.type_name.as_str());
    let refused = |given: &str| {
        let wanted = match ty {
            "string" => "a text in quotes",
            "boolean" => "`true` or `false`",
            "byte" | "int16" | "int32" | "int64" => "a whole number",
            "guid" => "a guid",
            "datetime" => "a point in time",
            _ => "nothing that an address can hold",
        };
        let message = format!("`{name}` takes {wanted}, not {given}");
        let problem = Problem::new(Code::TypeMismatch, message).about(name);
        Err(problem.at(node.span))
    };
    let Some(constant) = constant::fold(setting, node)? else {
        return refused("an expression");
    };
    let value = match (ty, constant) {
        (_, Constant::Null) => return Ok(None),
        ("string", Constant::Text(text)) => Value::Text(text.into_owned()),
        ("boolean", Constant::Boolean(flag)) => Value::Boolean(flag),
        ("byte" | "int16" | "int32" | "int64", Constant::Integer(number)) => Value::Integer(number),
        ("guid", Constant::Guid(guid)) => Value::Guid(guid),
        ("datetime", Constant::Moment(time)) => Value::Timestamp(time),
        (_, other) => return refused(other.noun()),
    };
    Ok(Some((name.clone(), value)))
}
