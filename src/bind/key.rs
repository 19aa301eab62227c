//! Keys of entities: `(guid)`, `('guid')`, `(Id=guid)`, `(@alias)`.

use uuid::Uuid;

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::Predicate;
use crate::syntax::ast::{Node, Parens};

use super::constant::{self, Constant};
use super::path::{Part, Place, equal, nothing};
use super::types;

impl<'a> Place<'a> {
    /// The text is no key.
    pub(super) fn no_key(&self, text: &str, span: Span) -> Problem {
        let set = &self.setting().entity(self.rows.entity()).set;
        Problem::new(
            Code::InvalidValue,
            format!("`{text}` is not a key of `{set}`"),
        )
        .at(span)
        .help("a key is a guid")
    }

    /// A key in parentheses.
    pub(super) fn keyed(self, parens: &'a Parens, span: Span) -> Result<Self> {
        if self.single || self.part != Part::Entities {
            return Err(nothing(span));
        }
        match parens {
            Parens::Key(node) => {
                let guid = self.guid(node)?;
                Ok(self.with_key(guid))
            }
            Parens::Named(parts) => match parts.as_slice() {
                [(name, node)] if name.node == "Id" => {
                    let guid = self.guid(node)?;
                    Ok(self.with_key(guid))
                }
                [(first, _), (again, _), ..] if first.node == "Id" && again.node == "Id" => {
                    let problem = Problem::new(Code::DuplicateProperty, "`Id` is given twice");
                    Err(problem.about("Id").at(again.span))
                }
                parts => {
                    let other = parts.iter().find(|(name, _)| name.node != "Id");
                    let (name, at) = other.map_or(("", span), |(n, _)| (n.node.as_str(), n.span));
                    let text = format!("the key has no part `{name}`");
                    Err(Problem::new(Code::UnknownProperty, text)
                        .about(name)
                        .at(at)
                        .help("the only key is `Id`"))
                }
            },
            Parens::Empty => {
                let text = "the parentheses hold no key";
                Err(Problem::new(Code::InvalidValue, text)
                    .at(span)
                    .help("leave them out to address the collection"))
            }
        }
    }

    fn guid(&self, node: &'a Node) -> Result<Uuid> {
        let no_guid = || {
            let set = &self.setting().entity(self.rows.entity()).set;
            Problem::new(Code::InvalidValue, format!("the key of `{set}` is a guid")).at(node.span)
        };
        match constant::fold(self.setting(), node)? {
            Some(Constant::Null) | None => Err(no_guid()),
            Some(constant) => types::guid(&constant, node.span)?.ok_or_else(no_guid),
        }
    }

    /// Only the row of a key.
    pub(super) fn with_key(mut self, guid: Uuid) -> Self {
        let plain = self.rows.predicate == Predicate::Always;
        let here = self.rows.here.key();
        self.rows.narrow(equal(here, guid));
        Self {
            single: true,
            // An entity that is not there is 404, whatever its collection belongs to.
            parent: None,
            key: plain.then_some(guid),
            member: Some(guid),
            ..self
        }
    }
}
