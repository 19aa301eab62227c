//! The links of navigation properties, in full metadata (OData JSON 4.01, section 8).

use super::Maker;
use crate::encode::style::{MetadataLevel, Notation};
use crate::plan::Member;

impl Maker<'_, '_> {
    /// The links of the navigation properties that are not in the output, of those that the request
    /// selects where it does: the others have theirs before them.
    pub(super) fn navigation_links(&mut self) {
        let entity = self.entity;
        let selected = self.shape.selected.as_deref();
        let references = entity.references.iter().map(|r| &r.name);
        let collections = entity.collections.iter().map(|c| &c.name);
        for name in references.chain(collections) {
            if selected.is_none_or(|names| names.contains(name)) && !self.has_member(name) {
                self.links_of(name);
            }
        }
    }

    /// The links of a navigation property, at the level that tells them. They stand right before it
    /// (OData JSON 4.01, sections 8.1 and 8.2).
    pub(super) fn links_before(&mut self, name: &str) {
        match (self.style.notation, self.style.metadata) {
            (Notation::Json, MetadataLevel::Full) => self.links_of(name),
            (Notation::Csv(_), _) | (_, MetadataLevel::None | MetadataLevel::Minimal) => {}
        }
    }

    fn links_of(&mut self, name: &str) {
        for (term, tail) in [("associationLink", "/$ref"), ("navigationLink", "")] {
            let term = self.style.control.name(term);
            let before = format!(",\"{name}{term}\":\"{}(", self.entity.set);
            self.key_step(&before, &format!(")/{name}{tail}\""));
        }
    }

    /// Whether the output has this navigation property.
    fn has_member(&self, name: &str) -> bool {
        self.shape.members.iter().any(|member| match member {
            Member::Attribute { .. }
            | Member::Custom { .. }
            | Member::CustomPart { .. }
            | Member::OfType { .. }
            | Member::DisplayText(_)
            | Member::Computed(_) => false,
            Member::Reference { id, .. } => self.entity.reference(*id).name == name,
            Member::Expanded(number) => {
                let expand = self.shape.expands.get(*number);
                expand.is_some_and(|e| e.name == name)
            }
        })
    }
}
