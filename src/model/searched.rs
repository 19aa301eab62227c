//! Which attributes have an index for `contains`.

use super::{AttributeId, EntityId, Index, IndexMethod, Model, Place};

/// An attribute whose folded text has an index for `contains`.
#[derive(Debug, Clone, Copy)]
pub struct Searched<'m> {
    /// The entity, in whose own table the text is.
    pub entity: EntityId,
    /// The attribute.
    pub attribute: AttributeId,
    /// The index; its first column is the shadow.
    pub index: &'m Index,
}

impl Model {
    /// Every attribute that has an index for `contains`, in the order of entities and their tables'
    /// indexes.
    pub fn searched(&self) -> impl Iterator<Item = Searched<'_>> {
        self.entities().flat_map(move |(entity, of)| {
            let indexes = self.table(entity).indexes.iter();
            let substring = indexes.filter(|index| index.method == IndexMethod::Substring);
            substring.filter_map(move |index| {
                let shadow = index.columns.first()?;
                let (attribute, _) = of.attribute_ids().find(|(id, _)| {
                    let stored = of.stored(*id);
                    stored.is_some_and(|s| s.place == Place::Own && s.shadow == Some(*shadow))
                })?;
                Some(Searched {
                    entity,
                    attribute,
                    index,
                })
            })
        })
    }

    /// The path that people know an attribute by: `Systems_Security_Users/Name`.
    pub fn searched_path(&self, searched: &Searched<'_>) -> String {
        let entity = self.entity(searched.entity);
        format!(
            "{}/{}",
            entity.set,
            entity.attribute(searched.attribute).name
        )
    }
}
