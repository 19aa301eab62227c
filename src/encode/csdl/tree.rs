//! A CSDL document as data: built once from the model, written as XML or JSON.
//!
//! The names are those of the standard (OData CSDL 4.01); a part holds only what Userdex uses.

/// A whole CSDL document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) version: &'static str,
    pub(super) references: Vec<Reference>,
    pub(super) schemas: Vec<Schema>,
}

/// A vocabulary that the document uses (CSDL 4.01, section 4.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reference {
    /// The address without its ending: `.xml` or `.json`, as the document itself.
    pub(super) uri: &'static str,
    pub(super) namespace: &'static str,
    pub(super) alias: &'static str,
}

/// A schema (section 5).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Schema {
    pub(super) namespace: &'static str,
    pub(super) annotations: Vec<Annotation>,
    pub(super) enums: Vec<EnumType>,
    pub(super) complex: Vec<Structured>,
    pub(super) entities: Vec<Structured>,
    pub(super) operations: Vec<Operation>,
    pub(super) terms: Vec<Term>,
    pub(super) container: Option<Container>,
}

/// The type of a property, parameter or result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Type {
    /// The qualified name.
    pub(super) name: String,
    pub(super) collection: bool,
    pub(super) nullable: bool,
    pub(super) max_length: Option<u32>,
    pub(super) precision: Option<u32>,
}

/// An entity type or a complex type (sections 6 and 9).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Structured {
    pub(super) name: String,
    /// The qualified name of the base type.
    pub(super) base: Option<String>,
    /// The key property; complex types and derived types have none.
    pub(super) key: Option<String>,
    pub(super) open: bool,
    pub(super) properties: Vec<Property>,
    pub(super) navigation: Vec<Navigation>,
    pub(super) annotations: Vec<Annotation>,
}

/// A structural property (section 7).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) default: Option<Expression>,
    pub(super) annotations: Vec<Annotation>,
}

/// A navigation property (section 8).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Navigation {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) partner: Option<String>,
    /// Deleting the source deletes the targets.
    pub(super) cascade: bool,
    pub(super) annotations: Vec<Annotation>,
}

/// An enumeration type (section 10).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EnumType {
    pub(super) name: String,
    pub(super) members: Vec<EnumMember>,
    pub(super) annotations: Vec<Annotation>,
}

/// A member of an enumeration type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EnumMember {
    pub(super) name: String,
    pub(super) value: i64,
    pub(super) annotations: Vec<Annotation>,
}

/// One overload of an action or function (section 12).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) action: bool,
    pub(super) bound: bool,
    /// The first one is the binding parameter, where it is bound.
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns: Option<Type>,
    pub(super) annotations: Vec<Annotation>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) annotations: Vec<Annotation>,
}

/// A vocabulary term of our own (section 14.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) name: &'static str,
    pub(super) ty: Type,
    pub(super) applies_to: &'static [&'static str],
    pub(super) annotations: Vec<Annotation>,
}

/// The entity container (section 13).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Container {
    pub(super) name: &'static str,
    pub(super) annotations: Vec<Annotation>,
    pub(super) sets: Vec<EntitySet>,
    pub(super) singletons: Vec<Singleton>,
    pub(super) imports: Vec<Import>,
}

/// An entity with a name of its own (section 13.3).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Singleton {
    pub(super) name: &'static str,
    /// The qualified entity type.
    pub(super) entity_type: String,
    /// Navigation property and the set of its targets.
    pub(super) bindings: Vec<(String, String)>,
    pub(super) annotations: Vec<Annotation>,
}

/// An action import or a function import (sections 13.5 and 13.6).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Import {
    pub(super) name: String,
    pub(super) action: bool,
    /// The qualified operation.
    pub(super) operation: String,
    /// The set of the entities that it answers.
    pub(super) set: Option<String>,
}

/// An entity set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EntitySet {
    pub(super) name: String,
    /// The qualified entity type.
    pub(super) entity_type: String,
    /// Navigation property and the set of its targets.
    pub(super) bindings: Vec<(String, String)>,
    pub(super) annotations: Vec<Annotation>,
}

/// An annotation: a term with its alias, and a constant or a path (section 14.2).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Annotation {
    pub(super) term: &'static str,
    pub(super) qualifier: Option<&'static str>,
    pub(super) value: Expression,
}

/// An annotation expression (sections 14.3 and 14.4).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Bool(bool),
    Int(i64),
    Text(String),
    /// A member of an enumeration type: its qualified type and name.
    Member(&'static str, &'static str),
    PropertyPath(String),
    NavigationPropertyPath(String),
    Collection(Vec<Self>),
    Record(Vec<(&'static str, Self)>),
}

impl Type {
    /// A type without facets that may not be null.
    pub(super) fn of(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            collection: false,
            nullable: false,
            max_length: None,
            precision: None,
        }
    }

    pub(super) fn nullable(mut self, nullable: bool) -> Self {
        self.nullable = nullable;
        self
    }

    pub(super) fn collection(mut self) -> Self {
        self.collection = true;
        self
    }
}

impl Annotation {
    pub(super) const fn new(term: &'static str, value: Expression) -> Self {
        Self {
            term,
            qualifier: None,
            value,
        }
    }

    /// An annotation with a text.
    pub(super) fn text(term: &'static str, text: impl Into<String>) -> Self {
        Self::new(term, Expression::Text(text.into()))
    }

    /// A tag: an annotation that says yes or no.
    pub(super) const fn tag(term: &'static str, on: bool) -> Self {
        Self::new(term, Expression::Bool(on))
    }
}

impl Expression {
    /// A collection of texts.
    pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Collection(
            texts
                .into_iter()
                .map(|t| Self::Text(t.to_owned()))
                .collect(),
        )
    }
}
