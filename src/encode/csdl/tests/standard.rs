//! The documents hold to the standard.

use std::collections::BTreeSet;

use super::{ALL, NOW, Node, offered_xml, shipped, shipped_xml};

/// Element, attributes it may have, elements it may hold: the OASIS schemas in short, as far as
/// our documents go.
const GRAMMAR: &[(&str, &str, &str)] = &[
    (
        "edmx:Edmx",
        "Version! xmlns:edmx",
        "edmx:Reference edmx:DataServices",
    ),
    ("edmx:Reference", "Uri!", "edmx:Include"),
    ("edmx:Include", "Namespace! Alias", ""),
    ("edmx:DataServices", "", "Schema"),
    (
        "Schema",
        "Namespace! xmlns",
        "EnumType ComplexType EntityType Action Function Term EntityContainer Annotation",
    ),
    ("EnumType", "Name!", "Member Annotation"),
    ("Member", "Name! Value", "Annotation"),
    (
        "ComplexType",
        "Name! BaseType OpenType",
        "Property NavigationProperty Annotation",
    ),
    (
        "EntityType",
        "Name! BaseType",
        "Key Property NavigationProperty Annotation",
    ),
    ("Key", "", "PropertyRef"),
    ("PropertyRef", "Name!", ""),
    (
        "Property",
        "Name! Type! Nullable MaxLength Precision DefaultValue",
        "Annotation",
    ),
    (
        "NavigationProperty",
        "Name! Type! Nullable Partner",
        "OnDelete Annotation",
    ),
    ("OnDelete", "Action!", ""),
    ("Action", "Name! IsBound", "Parameter ReturnType Annotation"),
    (
        "Function",
        "Name! IsBound",
        "Parameter ReturnType Annotation",
    ),
    ("Parameter", "Name! Type! Nullable", "Annotation"),
    ("ReturnType", "Type! Nullable", ""),
    ("Term", "Name! Type! Nullable AppliesTo", "Annotation"),
    (
        "EntityContainer",
        "Name!",
        "EntitySet Singleton ActionImport FunctionImport Annotation",
    ),
    ("ActionImport", "Name! Action! EntitySet", ""),
    ("FunctionImport", "Name! Function! EntitySet", ""),
    (
        "EntitySet",
        "Name! EntityType!",
        "NavigationPropertyBinding Annotation",
    ),
    (
        "Singleton",
        "Name! Type!",
        "NavigationPropertyBinding Annotation",
    ),
    ("NavigationPropertyBinding", "Path! Target!", ""),
    (
        "Annotation",
        "Term! Qualifier Bool Int String EnumMember PropertyPath",
        "Collection Record",
    ),
    ("Record", "", "PropertyValue"),
    (
        "PropertyValue",
        "Property! Bool Int String EnumMember PropertyPath",
        "Collection Record",
    ),
    (
        "Collection",
        "",
        "Record String PropertyPath NavigationPropertyPath",
    ),
    ("String", "", ""),
    ("PropertyPath", "", ""),
    ("NavigationPropertyPath", "", ""),
];

#[test]
fn every_element_is_of_the_standard() {
    let model = shipped();
    for offers in [NOW, ALL] {
        let text = offered_xml(&model, offers);
        assert!(text.starts_with("<?xml"), "a byte order mark");
        Node::read(&text).walk(&mut |node| {
            let row = GRAMMAR.iter().find(|row| row.0 == node.name);
            let (_, attributes, children) = row.unwrap_or_else(|| panic!("`{}`", node.name));
            let allowed: Vec<_> = attributes.split(' ').collect();
            for name in node.attributes.keys() {
                let known = allowed.iter().any(|a| a.trim_end_matches('!') == name);
                assert!(known, "`{name}` of `{}`", node.name);
            }
            for name in allowed.iter().filter_map(|a| a.strip_suffix('!')) {
                assert!(
                    node.attributes.contains_key(name),
                    "`{}` has no `{name}`",
                    node.name
                );
            }
            let allowed: Vec<_> = children.split(' ').collect();
            for child in &node.children {
                let known = allowed.contains(&child.name.as_str());
                assert!(known, "`{}` in `{}`", child.name, node.name);
            }
        });
    }
}

#[test]
fn every_name_leads_somewhere() {
    let model = shipped();
    let top = Node::read(&offered_xml(&model, ALL));
    let mut types = BTreeSet::new();
    let mut sets = BTreeSet::new();
    top.walk(&mut |node| match node.name.as_str() {
        "EnumType" | "ComplexType" | "EntityType" => {
            let new = types.insert(format!("Erp.{}", node.attribute("Name")));
            assert!(new, "`{}` is there twice", node.attribute("Name"));
        }
        "EntitySet" => {
            sets.insert(node.attribute("Name").to_owned());
        }
        _ => {}
    });
    top.walk(&mut |node| {
        for key in ["Type", "BaseType", "EntityType"] {
            let name = node.attribute(key);
            let name = name
                .strip_prefix("Collection(")
                .unwrap_or(name)
                .trim_end_matches(')');
            let known = !name.starts_with("Erp.") || types.contains(name);
            assert!(known, "`{name}` in {node:?}");
        }
        if node.name == "NavigationPropertyBinding" {
            assert!(sets.contains(node.attribute("Target")), "{node:?}");
        }
    });
    assert_eq!(sets.len(), model.entities().count());
}

#[test]
fn partners_name_each_other() {
    let model = shipped();
    let top = shipped_xml(&model);
    let mut pairs = 0;
    for (_, entity) in model.entities() {
        let ty = top.find("EntityType", &entity.type_name).unwrap();
        for here in ty.all("NavigationProperty") {
            let partner = here.attribute("Partner");
            if partner.is_empty() {
                continue;
            }
            let target = here.attribute("Type").trim_start_matches("Collection(");
            let target = target.trim_end_matches(')').trim_start_matches("Erp.");
            let target = top.find("EntityType", target).unwrap();
            let there = target.find("NavigationProperty", partner).unwrap();
            assert_eq!(
                there.attribute("Partner"),
                here.attribute("Name"),
                "{here:?}"
            );
            pairs += 1;
        }
    }
    assert!(pairs >= 10, "only {pairs} partners");
    let user = top.find("EntityType", "Systems_Security_User").unwrap();
    let groups = user.find("NavigationProperty", "Groups").unwrap();
    assert_eq!(groups.attribute("Partner"), "User");
    assert_eq!(
        groups.all("OnDelete").count(),
        1,
        "children go with their user"
    );
}

#[test]
fn derived_types_repeat_nothing() {
    let top = shipped_xml(&shipped());
    let person = top.find("EntityType", "General_Contacts_Person").unwrap();
    assert_eq!(person.attribute("BaseType"), "Erp.General_Contacts_Party");
    assert_eq!(person.all("Key").count(), 0);
    let party = top.find("EntityType", "General_Contacts_Party").unwrap();
    let inherited: BTreeSet<_> = party.all("Property").map(|p| p.attribute("Name")).collect();
    for property in person.all("Property") {
        assert!(
            !inherited.contains(property.attribute("Name")),
            "{property:?}"
        );
    }
}
