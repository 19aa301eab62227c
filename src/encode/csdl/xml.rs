//! The XML form (OData CSDL XML 4.01): valid by the OASIS schemas, UTF-8, no byte order mark.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::tree::{
    Annotation, Container, Document, EntitySet, EnumType, Expression, Import, Navigation,
    Operation, Parameter, Property, Reference, Schema, Singleton, Structured, Term, Type,
};

const EDMX: &str = "http://docs.oasis-open.org/odata/ns/edmx";
const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

type Out = Writer<Vec<u8>>;
type Attributes<'a> = Vec<(&'static str, &'a str)>;

/// Writes a document.
pub(super) fn encode(document: &Document) -> io::Result<Vec<u8>> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let version = vec![("Version", document.version), ("xmlns:edmx", EDMX)];
    element(&mut out, "edmx:Edmx", version, |out| {
        each(out, &document.references, reference)?;
        element(out, "edmx:DataServices", Vec::new(), |out| {
            each(out, &document.schemas, schema)
        })
    })?;
    Ok(out.into_inner())
}

/// An element with its content; without content it closes itself.
fn element(
    out: &mut Out,
    name: &'static str,
    attributes: Attributes<'_>,
    content: impl FnOnce(&mut Out) -> io::Result<()>,
) -> io::Result<()> {
    let start = BytesStart::new(name).with_attributes(attributes);
    out.write_event(Event::Start(start))?;
    content(out)?;
    out.write_event(Event::End(BytesEnd::new(name)))
}

/// An element that never has content.
fn empty(out: &mut Out, name: &'static str, attributes: Attributes<'_>) -> io::Result<()> {
    let start = BytesStart::new(name).with_attributes(attributes);
    out.write_event(Event::Empty(start))
}

/// An element that often has no annotations.
fn annotated(
    out: &mut Out,
    name: &'static str,
    attributes: Attributes<'_>,
    annotations: &[Annotation],
) -> io::Result<()> {
    if annotations.is_empty() {
        return empty(out, name, attributes);
    }
    element(out, name, attributes, |out| {
        each(out, annotations, annotation)
    })
}

fn each<T>(
    out: &mut Out,
    items: &[T],
    write: impl Fn(&mut Out, &T) -> io::Result<()>,
) -> io::Result<()> {
    items.iter().try_for_each(|item| write(out, item))
}

fn reference(out: &mut Out, reference: &Reference) -> io::Result<()> {
    let include = vec![
        ("Namespace", reference.namespace),
        ("Alias", reference.alias),
    ];
    let uri = format!("{}.xml", reference.uri);
    element(out, "edmx:Reference", vec![("Uri", &uri)], |out| {
        empty(out, "edmx:Include", include)
    })
}

fn schema(out: &mut Out, schema: &Schema) -> io::Result<()> {
    let attributes = vec![("Namespace", schema.namespace), ("xmlns", EDM)];
    element(out, "Schema", attributes, |out| {
        each(out, &schema.enums, enum_type)?;
        each(out, &schema.complex, |out, t| {
            structured(out, "ComplexType", t)
        })?;
        each(out, &schema.entities, |out, t| {
            structured(out, "EntityType", t)
        })?;
        each(out, &schema.operations, operation)?;
        each(out, &schema.terms, term)?;
        schema
            .container
            .iter()
            .try_for_each(|c| container(out, c))?;
        each(out, &schema.annotations, annotation)
    })
}

fn enum_type(out: &mut Out, ty: &EnumType) -> io::Result<()> {
    element(out, "EnumType", vec![("Name", &ty.name)], |out| {
        each(out, &ty.annotations, annotation)?;
        each(out, &ty.members, |out, member| {
            let value = member.value.to_string();
            let attributes = vec![("Name", member.name.as_str()), ("Value", value.as_str())];
            annotated(out, "Member", attributes, &member.annotations)
        })
    })
}

fn structured(out: &mut Out, name: &'static str, ty: &Structured) -> io::Result<()> {
    let mut attributes: Attributes<'_> = vec![("Name", &ty.name)];
    attributes.extend(ty.base.iter().map(|base| ("BaseType", base.as_str())));
    attributes.extend(ty.open.then_some(("OpenType", "true")));
    element(out, name, attributes, |out| {
        if let Some(key) = &ty.key {
            element(out, "Key", Vec::new(), |out| {
                empty(out, "PropertyRef", vec![("Name", key)])
            })?;
        }
        each(out, &ty.properties, property)?;
        each(out, &ty.navigation, navigation)?;
        each(out, &ty.annotations, annotation)
    })
}

/// The facets of a type as owned texts, so that attributes can borrow them.
struct Facets {
    name: String,
    max_length: Option<String>,
    precision: Option<String>,
    not_null: bool,
}

impl Facets {
    fn of(ty: &Type) -> Self {
        let name = if ty.collection {
            format!("Collection({})", ty.name)
        } else {
            ty.name.clone()
        };
        Self {
            name,
            max_length: ty.max_length.map(|n| n.to_string()),
            precision: ty.precision.map(|n| n.to_string()),
            not_null: !ty.nullable,
        }
    }

    /// Adds `Type` and the facets. `Nullable` defaults to true (section 7.2.1).
    fn add<'a>(&'a self, attributes: &mut Attributes<'a>) {
        attributes.push(("Type", &self.name));
        attributes.extend(self.not_null.then_some(("Nullable", "false")));
        attributes.extend(self.max_length.iter().map(|n| ("MaxLength", n.as_str())));
        attributes.extend(self.precision.iter().map(|n| ("Precision", n.as_str())));
    }
}

fn property(out: &mut Out, property: &Property) -> io::Result<()> {
    let facets = Facets::of(&property.ty);
    let default = property.default.as_ref().and_then(constant);
    let mut attributes: Attributes<'_> = vec![("Name", &property.name)];
    facets.add(&mut attributes);
    attributes.extend(
        default
            .iter()
            .map(|(_, text)| ("DefaultValue", text.as_str())),
    );
    annotated(out, "Property", attributes, &property.annotations)
}

fn navigation(out: &mut Out, navigation: &Navigation) -> io::Result<()> {
    let mut facets = Facets::of(&navigation.ty);
    // Section 8.3: a collection has no `Nullable`.
    facets.not_null &= !navigation.ty.collection;
    let mut attributes: Attributes<'_> = vec![("Name", &navigation.name)];
    facets.add(&mut attributes);
    attributes.extend(navigation.partner.iter().map(|p| ("Partner", p.as_str())));
    if !navigation.cascade {
        return annotated(
            out,
            "NavigationProperty",
            attributes,
            &navigation.annotations,
        );
    }
    element(out, "NavigationProperty", attributes, |out| {
        empty(out, "OnDelete", vec![("Action", "Cascade")])?;
        each(out, &navigation.annotations, annotation)
    })
}

fn operation(out: &mut Out, operation: &Operation) -> io::Result<()> {
    let name = if operation.action {
        "Action"
    } else {
        "Function"
    };
    let mut attributes = vec![("Name", operation.name.as_str())];
    attributes.extend(operation.bound.then_some(("IsBound", "true")));
    element(out, name, attributes, |out| {
        each(out, &operation.parameters, parameter)?;
        if let Some(ty) = &operation.returns {
            let facets = Facets::of(ty);
            let mut attributes = Vec::new();
            facets.add(&mut attributes);
            empty(out, "ReturnType", attributes)?;
        }
        each(out, &operation.annotations, annotation)
    })
}

fn parameter(out: &mut Out, parameter: &Parameter) -> io::Result<()> {
    let facets = Facets::of(&parameter.ty);
    let mut attributes: Attributes<'_> = vec![("Name", &parameter.name)];
    facets.add(&mut attributes);
    annotated(out, "Parameter", attributes, &parameter.annotations)
}

fn term(out: &mut Out, term: &Term) -> io::Result<()> {
    let facets = Facets::of(&term.ty);
    let applies = term.applies_to.join(" ");
    let mut attributes: Attributes<'_> = vec![("Name", term.name)];
    facets.add(&mut attributes);
    attributes.push(("AppliesTo", &applies));
    annotated(out, "Term", attributes, &term.annotations)
}

fn container(out: &mut Out, container: &Container) -> io::Result<()> {
    element(
        out,
        "EntityContainer",
        vec![("Name", container.name)],
        |out| {
            each(out, &container.sets, entity_set)?;
            each(out, &container.singletons, singleton)?;
            each(out, &container.imports, import)?;
            each(out, &container.annotations, annotation)
        },
    )
}

fn import(out: &mut Out, import: &Import) -> io::Result<()> {
    let (name, operation) = if import.action {
        ("ActionImport", "Action")
    } else {
        ("FunctionImport", "Function")
    };
    let mut attributes = vec![
        ("Name", import.name.as_str()),
        (operation, &import.operation),
    ];
    attributes.extend(import.set.iter().map(|set| ("EntitySet", set.as_str())));
    empty(out, name, attributes)
}

fn entity_set(out: &mut Out, set: &EntitySet) -> io::Result<()> {
    let attributes = vec![
        ("Name", set.name.as_str()),
        ("EntityType", &set.entity_type),
    ];
    element(out, "EntitySet", attributes, |out| {
        each(out, &set.bindings, binding)?;
        each(out, &set.annotations, annotation)
    })
}

fn singleton(out: &mut Out, singleton: &Singleton) -> io::Result<()> {
    let attributes = vec![("Name", singleton.name), ("Type", &singleton.entity_type)];
    element(out, "Singleton", attributes, |out| {
        each(out, &singleton.bindings, binding)?;
        each(out, &singleton.annotations, annotation)
    })
}

fn binding(out: &mut Out, (path, target): &(String, String)) -> io::Result<()> {
    let attributes = vec![("Path", path.as_str()), ("Target", target.as_str())];
    empty(out, "NavigationPropertyBinding", attributes)
}

fn annotation(out: &mut Out, annotation: &Annotation) -> io::Result<()> {
    let mut attributes: Attributes<'_> = vec![("Term", annotation.term)];
    attributes.extend(annotation.qualifier.map(|q| ("Qualifier", q)));
    valued(out, "Annotation", attributes, &annotation.value)
}

/// An element whose value is an attribute where it is constant, else a child element.
fn valued(
    out: &mut Out,
    name: &'static str,
    attributes: Attributes<'_>,
    value: &Expression,
) -> io::Result<()> {
    match constant(value) {
        Some((kind, text)) => {
            let start = BytesStart::new(name).with_attributes(attributes);
            let start = start.with_attributes([(kind, text.as_str())]);
            out.write_event(Event::Empty(start))
        }
        None => element(out, name, attributes, |out| expression(out, value)),
    }
}

/// The attribute name and the text of a constant expression or path.
fn constant(value: &Expression) -> Option<(&'static str, String)> {
    match value {
        Expression::Bool(on) => Some(("Bool", on.to_string())),
        Expression::Int(number) => Some(("Int", number.to_string())),
        Expression::Text(text) => Some(("String", text.clone())),
        Expression::Member(ty, member) => Some(("EnumMember", format!("{ty}/{member}"))),
        Expression::PropertyPath(path) => Some(("PropertyPath", path.clone())),
        Expression::NavigationPropertyPath(path) => Some(("NavigationPropertyPath", path.clone())),
        Expression::Collection(_) | Expression::Record(_) => None,
    }
}

/// An expression as an element of its own.
fn expression(out: &mut Out, value: &Expression) -> io::Result<()> {
    match value {
        Expression::Collection(items) if items.is_empty() => empty(out, "Collection", Vec::new()),
        Expression::Collection(items) => element(out, "Collection", Vec::new(), |out| {
            each(out, items, expression)
        }),
        Expression::Record(values) => element(out, "Record", Vec::new(), |out| {
            each(out, values, |out, (name, value)| {
                valued(out, "PropertyValue", vec![("Property", *name)], value)
            })
        }),
        Expression::Bool(_)
        | Expression::Int(_)
        | Expression::Text(_)
        | Expression::Member(..)
        | Expression::PropertyPath(_)
        | Expression::NavigationPropertyPath(_) => {
            constant(value).map_or(Ok(()), |(name, text)| {
                element(out, name, Vec::new(), |out| {
                    out.write_event(Event::Text(BytesText::new(&text)))
                })
            })
        }
    }
}
