//! Reads `methods.yaml`.

use marked_yaml::Node;

use super::draft::MethodDraft;
use super::read_attribute::read_text;
use super::yaml::{Faults, Fields, Spotted};
use crate::model::{Binding, Method, MethodKind, Parameter};

/// Reads the operations.
pub(super) fn read_methods(root: &Node, faults: &mut Faults) -> Vec<MethodDraft> {
    let Some(fields) = Fields::read(root, "the file", &["methods"], faults) else {
        return Vec::new();
    };
    let members = fields.members("methods", faults);
    members
        .into_iter()
        .filter_map(|(name, node)| read_method(name, node, faults))
        .collect()
}

fn read_method(name: Spotted<String>, node: &Node, faults: &mut Faults) -> Option<MethodDraft> {
    let what = format!("method `{}`", name.node);
    let fields = Fields::read(
        node,
        &what,
        &[
            "of",
            "bound",
            "writes",
            "namespace",
            "kind",
            "returns",
            "text",
            "parameters",
        ],
        faults,
    )?;
    let kinds = [
        ("function", MethodKind::Function),
        ("action", MethodKind::Action),
    ];
    let namespaces = [(Method::ERP, Method::ERP), (Method::EXT, Method::EXT)];
    let namespace = fields.choice("namespace", &namespaces, faults);
    fields.needed("kind", &what, faults);
    let kind = fields.choice("kind", &kinds, faults);
    let returns = fields.needed("returns", &what, faults);
    let text = read_text(&fields, &what, faults);
    let bound = !fields.has("bound") || fields.flag("bound", faults);
    if !bound && fields.has("of") {
        faults.add(
            fields.at("of"),
            "a method that is not bound is of no entity",
        );
    }
    let items = fields.items("parameters", faults);
    let parameters: Vec<_> = items
        .into_iter()
        .filter_map(|node| read_parameter(node, faults))
        .collect();
    let method = Method {
        name: name.node,
        namespace: namespace.unwrap_or(Method::ERP).to_owned(),
        binding: if bound {
            Binding::Any
        } else {
            Binding::Unbound
        },
        text,
        writes: fields.flag("writes", faults),
        kind: kind?,
        returns: returns?.node,
        parameters,
    };
    Some(MethodDraft {
        at: name.at,
        method,
        of: fields.text("of", faults),
    })
}

fn read_parameter(node: &Node, faults: &mut Faults) -> Option<Parameter> {
    let what = "a parameter";
    let fields = Fields::read(node, what, &["name", "type", "optional", "default"], faults)?;
    let name = fields.needed("name", what, faults);
    let type_name = fields.needed("type", what, faults);
    let optional = fields.flag("optional", faults);
    let default = fields.text("default", faults).map(|default| default.node);
    if default.is_some() && !optional {
        faults.add(
            fields.at("default"),
            "only an optional parameter has a default",
        );
    }
    Some(Parameter {
        name: name?.node,
        type_name: type_name?.node,
        optional,
        default,
    })
}
