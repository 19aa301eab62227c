//! Addresses of properties: `…(id)/Login`, and the parts of structured values, `…(id)/Name/EN`.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Attribute, AttributeId};
use crate::plan::{Member, Shape, ValuePart};
use crate::syntax::ast::{Name, Segment};
use crate::value::Kind;

use super::path::nothing;
use super::rows::Rows;
use super::select::Choice;
use super::{shape, walk};

/// A property of a row, or a part of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) attribute: AttributeId,
    pub(super) part: Option<ValuePart>,
}

/// What follows a property in an address.
pub(super) enum Next {
    /// The bare text: `/$value`.
    Raw,
    /// A part of it.
    Part(Piece),
}

impl Piece {
    /// A whole property.
    pub(super) const fn whole(attribute: AttributeId) -> Self {
        Self {
            attribute,
            part: None,
        }
    }

    /// One segment further.
    pub(super) fn step(&self, of: &Attribute, segment: &At<Segment>) -> Result<Next> {
        match &segment.node {
            Segment::Value => Ok(Next::Raw),
            Segment::Name { name, parens: None } => self.part(of, name, segment.span),
            Segment::Name { .. }
            | Segment::Key(_)
            | Segment::Text(_)
            | Segment::Count
            | Segment::Ref
            | Segment::Each
            | Segment::Filter(_)
            | Segment::Query
            | Segment::Metadata
            | Segment::Batch
            | Segment::Entity
            | Segment::All
            | Segment::CrossJoin(_)
            | Segment::ContentId(_) => Err(nothing(segment.span)),
        }
    }

    fn part(&self, of: &Attribute, name: &Name, span: Span) -> Result<Next> {
        let language = || {
            let plain = name.namespace.is_empty().then_some(name.name.as_str());
            walk::language_key(plain.unwrap_or_default(), span)
        };
        let is_custom = of.role.custom().is_some();
        let part = match &self.part {
            None if is_custom => of_custom(of, name, span)?,
            None if of.kind == Kind::Multilanguage => ValuePart::Language(language()?),
            Some(ValuePart::Description(None)) => ValuePart::Description(Some(language()?)),
            None
            | Some(
                ValuePart::Language(_)
                | ValuePart::Value
                | ValuePart::ValueId
                | ValuePart::Description(Some(_)),
            ) => {
                let message = format!("the value before `{}` has no parts", name.name);
                return Err(Problem::new(Code::NotFound, message).at(span));
            }
        };
        Ok(Next::Part(Self {
            attribute: self.attribute,
            part: Some(part),
        }))
    }
}

/// A part of the value of a custom property.
pub(super) fn of_custom(of: &Attribute, name: &Name, span: Span) -> Result<ValuePart> {
    match name.name.as_str() {
        "Value" if name.namespace.is_empty() => Ok(ValuePart::Value),
        "ValueId" if name.namespace.is_empty() => Ok(ValuePart::ValueId),
        "Description" if name.namespace.is_empty() => Ok(ValuePart::Description(None)),
        other => {
            let message = format!("`{}` has no part `{other}`", of.name);
            let problem = Problem::new(Code::UnknownProperty, message).about(other);
            Err(problem
                .at(span)
                .help("it has `Value`, `ValueId` and `Description`"))
        }
    }
}

/// The output of the address of a property.
pub(super) fn shape(rows: &mut Rows<'_>, piece: &Piece) -> Result<Shape> {
    let choice = Choice::only(piece.attribute, piece.part.clone());
    let mut shape = shape::chosen(rows, &choice)?;
    for member in &mut shape.members {
        if let Member::Custom { chosen, .. } = member
            && let Some(part) = chosen.pop()
        {
            // The part itself, and not an object with it.
            *member = part;
        }
    }
    Ok(shape)
}

/// A part of a custom property's value, whose columns are known.
pub(super) fn custom_part(name: &str, part: &ValuePart, positions: [usize; 3]) -> Member {
    let [value, value_id, description] = positions;
    let (kind, position, language) = match part {
        ValuePart::Value | ValuePart::Language(_) => (Kind::String, value, None),
        ValuePart::ValueId => (Kind::Guid, value_id, None),
        ValuePart::Description(None) => (Kind::Multilanguage, description, None),
        ValuePart::Description(Some(key)) => (Kind::String, description, Some(key.clone())),
    };
    Member::CustomPart {
        path: format!("{name}/{part}"),
        kind,
        position,
        language,
    }
}
