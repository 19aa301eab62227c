//! The table of declared filters: every attribute and reference of an entity × every form.

use userdex::model::{Entity, Filters, Model, PropertyId};
use userdex::value::Kind;

/// A property: its name, a literal of its type, its declarations.
pub struct Property {
    pub id: PropertyId,
    pub name: String,
    pub literal: String,
    pub filters: Filters,
    pub orderable: bool,
    pub secret: bool,
}

/// A form of condition (`A` the property, `V` a value), and which declaration opens it.
pub type Form = (&'static str, fn(Filters) -> bool);

pub const FORMS: &[Form] = &[
    ("A eq V", |f| f.eq),
    ("A ne V", |f| f.eq),
    ("not (A eq V)", |f| f.eq),
    ("A eq null", |f| f.eq),
    ("V eq A", |f| f.eq),
    ("equalnull(A,V)", |f| f.eq),
    ("A in (V)", |f| f.multi),
    ("not (A in (V,null))", |f| f.multi),
    ("A ge V", Filters::range),
    ("A gt V", Filters::range),
    ("A le V", Filters::range),
    ("A lt V", Filters::range),
    ("greaterequalnull(A,V)", Filters::range),
    ("contains(A,'x')", |f| f.like),
    ("startswith(A,'x')", |f| f.like),
    ("not endswith(A,'x')", |f| f.like),
    ("A has V", |_| false),
    ("length(A) gt 3", |_| false),
    ("concat(A,'x') eq 'x'", |_| false),
    ("A add 1 eq 2", |_| false),
];

/// A key of no object.
pub const KEY: &str = "9da64839-a8d0-491d-aebb-4d18fa42b014";

/// The properties that a condition could be about.
pub fn properties(model: &Model, entity: &Entity) -> Vec<Property> {
    let attributes = entity.attribute_ids().map(|(id, a)| Property {
        id: PropertyId::Attribute(id),
        name: a.name.clone(),
        literal: match a.kind {
            Kind::Guid => KEY.to_owned(),
            Kind::String | Kind::Multilanguage => "'x'".to_owned(),
            Kind::Boolean => "true".to_owned(),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => "1".to_owned(),
            Kind::DateTimeOffset => "2024-01-01T00:00:00Z".to_owned(),
            Kind::Binary => "binary'AAAA'".to_owned(),
            Kind::Enumeration => {
                let members = &model.enumeration(a.enumeration.unwrap()).members;
                format!("'{}'", members[0].name)
            }
        },
        filters: a.filters,
        orderable: a.orderable,
        secret: a.secret,
    });
    let references = entity.reference_ids().map(|(id, r)| Property {
        id: PropertyId::Reference(id),
        name: r.name.clone(),
        literal: format!("'{}({KEY})'", model.entity(r.target).set),
        filters: r.filters,
        orderable: false,
        secret: false,
    });
    attributes.chain(references).collect()
}

/// A form about a property, reached by a path that ends with a slash or is empty.
pub fn spell(form: &str, path: &str, property: &Property) -> String {
    let words = form.split_inclusive([' ', '(', ',', ')']);
    let spelled = words.map(|word| {
        let bare = word.trim_end_matches([' ', '(', ',', ')']);
        match bare {
            "A" => word.replacen('A', &format!("{path}{}", property.name), 1),
            "V" => word.replacen('V', &property.literal, 1),
            _ => word.to_owned(),
        }
    });
    spelled.collect()
}
