//! Custom properties: what an installation adds to the entities of the model.

use std::fmt::Write as _;

use uuid::Uuid;

use super::{
    Attribute, AttributeId, AttributeRole, ColumnNo, Declared, Entity, EntityId, Filters, Model,
    PropertyId, Text, Visibility,
};
use crate::value::Kind;

/// Custom properties of one entity at most; more are left out of the model.
pub const MOST_CUSTOM: usize = 200;

/// Characters of a property name at most.
const LONGEST_NAME: usize = 128;
/// Characters of a short value at most, where the table does not say.
const LONGEST_VALUE: u32 = 254;

/// The entity whose table holds the values of custom properties.
const VALUES: &str = "Systems.Bpm.CustomPropertyValues";

/// What the values of a custom property are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A picture: its address, or the allowed value that has it.
    Picture,
    /// A day.
    Date,
}

impl CustomKind {
    /// The kind of the code that the table of definitions holds.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "T" => Some(Self::Text),
            "N" => Some(Self::Number),
            "P" => Some(Self::Picture),
            "D" => Some(Self::Date),
            _ => None,
        }
    }
}

/// What an attribute knows of the custom property that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custom {
    /// The key of its definition.
    pub property: Uuid,
    /// What its values are.
    pub kind: CustomKind,
    /// Whether only those are taken.
    pub limited: bool,
}

/// The definition of a custom property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomDefinition {
    /// What its attribute knows of it.
    pub custom: Custom,
    /// The entity that has it, by any of its names.
    pub entity: String,
    /// The code.
    pub code: String,
    /// What it is for, for people.
    pub text: Text,
}

/// Where the values of custom properties are stored: one row for each object and property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomColumns {
    /// The entity of the values, whose own table it is.
    pub table: EntityId,
    /// The column with the key of the object.
    pub item: ColumnNo,
    /// The column with the key of the property.
    pub property: ColumnNo,
    /// The column of the short value.
    pub value: ColumnNo,
    /// The column of its folded text.
    pub folded: Option<ColumnNo>,
    /// The column of what the value stands for.
    pub value_id: ColumnNo,
    /// The column of what the value means.
    pub description: ColumnNo,
}

/// The name of a property on its entity: `CustomProperty_` and the code, in which letters, digits
/// and `_` stay, and anything else becomes `_u` and its UTF-8 bytes in hex, at least four digits.
pub fn custom_name(code: &str) -> String {
    let mut name = String::from("CustomProperty_");
    for c in code.chars() {
        if c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphabetic()) {
            name.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).bytes();
        name.push_str(if c.is_ascii() { "_u00" } else { "_u" });
        for byte in bytes {
            // Writing into a text does not fail.
            let _ = write!(name, "{byte:02X}");
        }
    }
    name
}

/// The key of the row that holds the value of an object: the same wherever it is made.
pub fn custom_row(property: Uuid, object: Uuid) -> Uuid {
    Uuid::new_v5(&property, object.as_bytes())
}

impl Entity {
    /// Whether a name is that of the entity, its set or its table, whatever its case.
    pub fn is_called(&self, name: &str) -> bool {
        let names = [&self.table, &self.name, &self.set];
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The attributes that are custom properties, with their numbers.
    pub fn custom_ids(&self) -> impl Iterator<Item = (AttributeId, Custom)> {
        let attributes = self.attribute_ids();
        attributes.filter_map(|(id, attribute)| Some((id, attribute.role.custom()?)))
    }
}

impl Model {
    /// Where the values of custom properties are stored; nothing where the model has no such entity.
    pub fn custom_columns(&self) -> Option<CustomColumns> {
        let table = self.repository(VALUES)?;
        let of = self.entity(table);
        let stored = |name: &str| of.stored(of.attribute_named(name)?);
        let column = |name: &str| Some(stored(name)?.column);
        Some(CustomColumns {
            table,
            item: column("EntityItemId")?,
            property: of.stored_reference(of.reference_named("Property")?).column,
            value: column("Value")?,
            folded: stored("Value")?.shadow,
            value_id: column("ValueId")?,
            description: column("Description")?,
        })
    }

    /// The model with the custom properties of an installation, each an attribute of its entity and
    /// of those that extend it. Entities, and the numbers of everything else, stay as they are. Also
    /// why some definitions have no attribute.
    pub fn with_custom(&self, definitions: &[CustomDefinition]) -> (Self, Vec<String>) {
        let mut model = self.clone();
        let mut left_out = Vec::new();
        let length = self
            .custom_columns()
            .map(|columns| self.value_length(columns.table));
        let mut sorted: Vec<_> = definitions.iter().collect();
        sorted.sort_by(|a, b| (&a.code, a.custom.property).cmp(&(&b.code, b.custom.property)));
        for definition in sorted {
            let outcome = match length {
                Some(length) => model.add_custom(definition, length),
                None => Err("the model has no table of values"),
            };
            if let Err(reason) = outcome {
                let CustomDefinition { code, entity, .. } = definition;
                left_out.push(format!("`{code}` of `{entity}`: {reason}"));
            }
        }
        (model, left_out)
    }

    /// The entity that a custom property is defined on: the one that `entity` has it from.
    pub fn custom_owner(&self, entity: EntityId, name: &str) -> EntityId {
        let base = self.entity(entity).base;
        match base.filter(|base| self.entity(*base).property(name).is_some()) {
            Some(base) => self.custom_owner(base, name),
            None => entity,
        }
    }

    fn value_length(&self, values: EntityId) -> u32 {
        let of = self.entity(values);
        let value = of.attribute_named("Value").map(|id| of.attribute(id));
        value
            .and_then(|value| value.max_length)
            .unwrap_or(LONGEST_VALUE)
    }

    fn add_custom(
        &mut self,
        definition: &CustomDefinition,
        length: u32,
    ) -> Result<(), &'static str> {
        let name = custom_name(&definition.code);
        if name.chars().count() > LONGEST_NAME {
            return Err("its name would be longer than a name may be");
        }
        let owner = {
            let mut all = self.entities();
            all.find(|(_, entity)| entity.is_called(&definition.entity))
                .map(|(id, _)| id)
        };
        let owner = owner.ok_or("there is no such entity")?;
        if !self.entity(owner).is_open() {
            return Err("the objects of the entity cannot be written");
        }
        let owners: Vec<EntityId> = self
            .entities()
            .map(|(id, _)| id)
            .filter(|id| self.is_a(*id, owner))
            .collect();
        let taken = |id: &EntityId| self.entity(*id).property(&name).is_some();
        if owners.iter().any(taken) {
            return Err("another property has its name");
        }
        let full = |id: &EntityId| self.entity(*id).custom_ids().count() >= MOST_CUSTOM;
        if owners.iter().any(full) {
            return Err("the entity has as many custom properties as it may have");
        }
        for id in owners {
            let attribute = attribute(definition, &name, length, id != owner);
            if let Some(entity) = self.entities.get_mut(id.index()) {
                entity.add(attribute)?;
            }
        }
        Ok(())
    }
}

impl Entity {
    fn add(&mut self, attribute: Attribute) -> Result<(), &'static str> {
        let number = u16::try_from(self.attributes.len());
        let number = number.map_err(|_| "the entity has too many attributes")?;
        let id = PropertyId::Attribute(AttributeId(number));
        self.properties.insert(attribute.name.clone(), id);
        self.attributes.push(attribute);
        Ok(())
    }
}

fn attribute(definition: &CustomDefinition, name: &str, length: u32, inherited: bool) -> Attribute {
    Attribute {
        name: name.to_owned(),
        text: definition.text.clone(),
        kind: Kind::String,
        enumeration: None,
        max_length: Some(length),
        min: None,
        max: None,
        line: false,
        nullable: true,
        required: false,
        default: None,
        compose: Vec::new(),
        stamp: None,
        filters: Filters::of(&[Declared::Eq]),
        orderable: false,
        dimension: false,
        measure: false,
        read_only: false,
        secret: false,
        unlogged: false,
        self_service: false,
        copied: true,
        indexed: true,
        visibility: Visibility::ShownByDefault,
        role: AttributeRole::Custom(definition.custom),
        since: None,
        unit: None,
        column: String::new(),
        inherited,
        folded: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(number: u128, entity: &str, code: &str) -> CustomDefinition {
        CustomDefinition {
            custom: Custom {
                property: Uuid::from_u128(number),
                kind: CustomKind::Text,
                limited: false,
            },
            entity: entity.to_owned(),
            code: code.to_owned(),
            text: Text::default(),
        }
    }

    #[test]
    fn codes_become_names() {
        for (code, name) in [
            ("color", "CustomProperty_color"),
            ("size (cm)", "CustomProperty_size_u0020_u0028cm_u0029"),
            ("a_1", "CustomProperty_a_1"),
            ("цвят", "CustomProperty_цвят"),
            ("€", "CustomProperty__uE282AC"),
            ("²", "CustomProperty__uC2B2"),
        ] {
            assert_eq!(custom_name(code), name, "{code}");
        }
    }

    #[test]
    fn attributes_are_added_behind_all_others() {
        let shipped = Model::shipped().unwrap();
        let definitions = [
            definition(1, "Sec_Users", "color"),
            definition(2, "General.Contacts.Parties", "size (cm)"),
            definition(3, "No_Such", "x"),
            definition(4, "Sec_Users", "color"),
            definition(5, "Sys_Objects", "x"),
            definition(6, "Sec_Users", &"€".repeat(40)),
        ];
        let (model, left_out) = shipped.with_custom(&definitions);
        assert_eq!(left_out.len(), 4, "{left_out:?}");
        for (id, before) in shipped.entities() {
            let after = model.entity(id);
            assert_eq!(before.name, after.name);
            for (number, attribute) in before.attribute_ids() {
                assert_eq!(attribute.name, after.attribute(number).name);
            }
        }
        let users = model.entity(model.repository("Systems.Security.Users").unwrap());
        let color = users.attribute_named("CustomProperty_color").unwrap();
        assert_eq!(
            users.attribute(color).role.custom(),
            Some(definitions[0].custom)
        );
        assert_eq!(users.stored(color), None);
        let persons = model.entity(model.repository("General.Contacts.Persons").unwrap());
        assert!(
            persons
                .property("CustomProperty_size_u0020_u0028cm_u0029")
                .is_some()
        );
        assert!(model.custom_columns().is_some());
    }
}
