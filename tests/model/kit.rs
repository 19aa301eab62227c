//! The shipped model and its parts.

use userdex::model::{Attribute, Entity, Model};

pub(crate) fn shipped() -> Model {
    Model::shipped().unwrap()
}

pub(crate) fn entity<'m>(model: &'m Model, name: &str) -> &'m Entity {
    model.entity(model.repository(name).unwrap())
}

pub(crate) fn attribute<'m>(entity: &'m Entity, name: &str) -> &'m Attribute {
    entity.attributes.iter().find(|a| a.name == name).unwrap()
}
