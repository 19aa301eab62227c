use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value as Json;

use super::capabilities::allowed_expressions;
use super::{CsdlVersion, Offers, build, csdl_json, csdl_xml, json, xml};
use crate::model::{Declared, Filters, Model};

const ALL: Offers = Offers {
    insert: true,
    update: true,
    delete: true,
    operations: true,
    batch: true,
};

/// An XML element, read back.
#[derive(Debug, Default, Clone)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    text: String,
}

impl Node {
    fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let mut stack = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => stack.push(Self::start(&start)),
                Event::Empty(start) => stack.last_mut().unwrap().children.push(Self::start(&start)),
                Event::End(_) => {
                    let node = stack.pop().unwrap();
                    stack.last_mut().unwrap().children.push(node);
                }
                Event::Text(text) => {
                    stack.last_mut().unwrap().text.push_str(text.trim());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(stack.len(), 1, "an element is not closed");
        stack.remove(0).children.remove(0)
    }

    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|a| {
            let a = a.unwrap();
            let value = a
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .unwrap();
            (a.key.as_ref().to_owned(), value.into_owned())
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The element of a kind and a name, at any depth.
    fn find(&self, kind: &str, name: &str) -> Option<&Self> {
        let here = self.name == kind && self.attribute("Name") == name;
        here.then_some(self)
            .or_else(|| self.children.iter().find_map(|c| c.find(kind, name)))
    }

    fn annotation(&self, term: &str) -> Option<&Self> {
        self.all("Annotation").find(|a| a.attribute("Term") == term)
    }

    /// The values of every attribute `name` and text of every element `name` below.
    fn values(&self, name: &str) -> Vec<&str> {
        let here = self.attributes.get(name).map(String::as_str);
        let text = (self.name == name).then_some(self.text.as_str());
        let below = self.children.iter().flat_map(|c| c.values(name));
        here.into_iter().chain(text).chain(below).collect()
    }

    fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        self.children.iter().for_each(|c| c.walk(visit));
    }
}

fn shipped() -> Model {
    Model::shipped().unwrap()
}

fn shipped_xml(model: &Model) -> Node {
    Node::read(&csdl_xml(model, CsdlVersion::V401).unwrap())
}

/// The attributes of Users, written out from the source document: name, type, length, nullable,
/// default, declared filters, ordered.
const USERS: &[(&str, &str, &str, bool, &str, &str, bool)] = &[
    (
        "AccessFailedCount",
        "Edm.Int32",
        "",
        false,
        "0",
        "eq ge le",
        false,
    ),
    ("Active", "Edm.Boolean", "", false, "true", "eq", false),
    (
        "BasicAuthenticationAllowed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    ("CompanyName", "Edm.String", "64", true, "", "", false),
    (
        "CreationTimeUtc",
        "Edm.DateTimeOffset",
        "",
        false,
        "",
        "ge le",
        false,
    ),
    ("DefaultLanguage", "Edm.String", "15", true, "", "eq", false),
    (
        "Email",
        "Edm.String",
        "254",
        true,
        "",
        "multi-eq like",
        true,
    ),
    (
        "EmailConfirmed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    ("Id", "Edm.Guid", "", false, "", "multi-eq", true),
    ("IsAdmin", "Edm.Boolean", "", false, "false", "eq", false),
    (
        "LockoutEndUtc",
        "Edm.DateTimeOffset",
        "",
        true,
        "",
        "eq ge le like",
        false,
    ),
    (
        "Login",
        "Edm.String",
        "64",
        false,
        "",
        "multi-eq like",
        true,
    ),
    (
        "Name",
        "Erp.MultilanguageString",
        "",
        false,
        "",
        "like",
        false,
    ),
    ("Notes", "Edm.String", "254", true, "", "", false),
    (
        "PasswordFormat",
        "Erp.Systems_Security_Users_PasswordFormat",
        "",
        false,
        "MD5",
        "eq",
        false,
    ),
    (
        "PhoneNumber",
        "Edm.String",
        "64",
        true,
        "",
        "eq like",
        false,
    ),
    (
        "PhoneNumberConfirmed",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    (
        "RegistrationMessage",
        "Edm.String",
        "254",
        true,
        "",
        "",
        false,
    ),
    (
        "TwoFactorEnabled",
        "Edm.Boolean",
        "",
        false,
        "false",
        "eq",
        false,
    ),
    (
        "UserType",
        "Erp.Systems_Security_Users_UserType",
        "",
        false,
        "InternalUser",
        "multi-eq",
        false,
    ),
    (
        "VoiceExtensionNumbers",
        "Edm.String",
        "254",
        true,
        "",
        "",
        false,
    ),
    ("WindowsUserName", "Edm.String", "128", true, "", "", false),
];

#[test]
fn users_say_what_the_source_says() {
    let top = shipped_xml(&shipped());
    let user = top.find("EntityType", "Systems_Security_User").unwrap();
    let set = top.find("EntitySet", "Systems_Security_Users").unwrap();
    let unsorted = set.annotation("Capabilities.SortRestrictions").unwrap();
    let unfiltered = set.annotation("Capabilities.FilterRestrictions").unwrap();
    let unfiltered: Vec<_> = unfiltered
        .values("PropertyPath")
        .into_iter()
        .take_while(|p| !p.is_empty())
        .collect();
    for &(name, ty, length, nullable, default, filters, ordered) in USERS {
        let property = user
            .find("Property", name)
            .unwrap_or_else(|| panic!("`{name}` is missing"));
        assert_eq!(property.attribute("Type"), ty, "type of `{name}`");
        assert_eq!(
            property.attribute("MaxLength"),
            length,
            "length of `{name}`"
        );
        assert_eq!(
            property.attribute("Nullable") != "false",
            nullable,
            "null in `{name}`"
        );
        assert_eq!(
            property.attribute("DefaultValue"),
            default,
            "default of `{name}`"
        );
        let declared = property.annotation("Ext.DeclaredFilters");
        let words: Vec<_> = declared.map(|d| d.values("String")).unwrap_or_default();
        let words: Vec<_> = words.iter().map(|w| w.replace(' ', "-")).collect();
        assert_eq!(words.join(" "), filters, "filters of `{name}`");
        let sortable = !unsorted.values("PropertyPath").contains(&name);
        assert_eq!(sortable, ordered, "order of `{name}`");
        if filters.is_empty() {
            assert!(
                unfiltered.contains(&name),
                "`{name}` is not said to be closed"
            );
        }
    }
    let told: BTreeSet<_> = user.all("Property").map(|p| p.attribute("Name")).collect();
    let known = USERS
        .iter()
        .map(|row| row.0)
        .chain(["DisplayText", "ObjectVersion"]);
    let known: BTreeSet<_> = known.collect();
    let extra: Vec<_> = told.difference(&known).collect();
    assert!(extra.is_empty(), "not in the source: {extra:?}");
}

#[test]
fn flags_of_users() {
    let top = shipped_xml(&shipped());
    let user = top.find("EntityType", "Systems_Security_User").unwrap();
    let tagged = |term: &str| -> Vec<&str> {
        let has = |p: &&Node| p.annotation(term).is_some();
        user.all("Property")
            .filter(has)
            .map(|p| p.attribute("Name"))
            .collect()
    };
    for name in [
        "CreationTimeUtc",
        "EmailConfirmed",
        "DisplayText",
        "ObjectVersion",
    ] {
        assert!(
            tagged("Core.Computed").contains(&name),
            "`{name}` is read only"
        );
    }
    assert!(!tagged("Core.Computed").contains(&"PhoneNumberConfirmed"));
    assert_eq!(tagged("Ext.TextLength"), ["Name"]);
    assert_eq!(tagged("Core.ComputedDefaultValue"), ["Id"]);
    let since = user.find("Property", "DefaultLanguage").unwrap();
    let since = since.annotation("Core.Revisions").unwrap().values("String");
    assert_eq!(since, ["25.1.0.34", "Introduced in version 25.1.0.34"]);
}

#[test]
fn enumerations_give_every_member_a_value() {
    let top = shipped_xml(&shipped());
    let members = |name| -> Vec<(String, String)> {
        let found = top.find("EnumType", name).unwrap();
        let pair = |m: &Node| {
            (
                m.attribute("Name").to_owned(),
                m.attribute("Value").to_owned(),
            )
        };
        found.all("Member").map(pair).collect()
    };
    let users = members("Systems_Security_Users_UserType");
    let expected = [
        "InternalUser",
        "ExternalCommunityUser",
        "VirtualUserNoLogin",
        "SystemUserNoLogin",
        "ApplicationUserNoLogin",
        "InvitationInternalNoLogin",
        "InvitationExternalNoLogin",
    ];
    let expected = expected
        .iter()
        .enumerate()
        .map(|(i, n)| ((*n).to_owned(), i.to_string()));
    assert_eq!(users, expected.collect::<Vec<_>>());
    top.walk(&mut |node| {
        if node.name == "Member" {
            assert!(!node.attribute("Value").is_empty(), "{node:?}");
        }
    });
}

#[test]
fn closed_attributes_are_not_told() {
    let model = shipped();
    let documents = [
        csdl_xml(&model, CsdlVersion::V40).unwrap(),
        csdl_json(&model).unwrap(),
    ];
    let top = Node::read(&documents[0]);
    for (_, entity) in model.entities() {
        for attribute in entity.attributes.iter().filter(|a| a.secret) {
            let found = top.find("EntityType", &entity.type_name).unwrap();
            let told = found
                .all("Property")
                .any(|p| p.attribute("Name") == attribute.name);
            assert!(!told, "`{}.{}` is closed", entity.name, attribute.name);
        }
    }
    for word in ["\"Password\"", "\"TokenValue\"", "\"AccessTokenKey\""] {
        for document in &documents {
            assert!(!document.contains(word), "{word} is told");
        }
    }
}

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
    ("EntityContainer", "Name!", "EntitySet Annotation"),
    (
        "EntitySet",
        "Name! EntityType!",
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
    ("Collection", "", "Record String PropertyPath"),
    ("String", "", ""),
    ("PropertyPath", "", ""),
];

#[test]
fn every_element_is_of_the_standard() {
    let model = shipped();
    for offers in [Offers::NOW, ALL] {
        let document = build::document(&model, CsdlVersion::V401, offers);
        let text = String::from_utf8(xml::encode(&document).unwrap()).unwrap();
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
    let document = build::document(&model, CsdlVersion::V401, ALL);
    let top = Node::read(&String::from_utf8(xml::encode(&document).unwrap()).unwrap());
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

#[test]
fn only_what_is_answered_is_offered() {
    let model = shipped();
    let truth = |offers: Offers| {
        let document = build::document(&model, CsdlVersion::V401, offers);
        let top = Node::read(&String::from_utf8(xml::encode(&document).unwrap()).unwrap());
        let set = top.find("EntitySet", "Systems_Security_Users").unwrap();
        let term = |name: &str| set.annotation(name).unwrap().values("Bool").join(" ");
        [
            term("Capabilities.InsertRestrictions"),
            term("Capabilities.UpdateRestrictions"),
            term("Capabilities.DeleteRestrictions"),
            top.find("Action", "CreateCopy").is_some().to_string(),
        ]
    };
    assert_eq!(truth(Offers::NOW), ["false"; 4]);
    assert_eq!(truth(ALL), ["true"; 4]);
}

#[test]
fn operations_have_their_parameters() {
    let model = shipped();
    let document = json::encode(&build::document(&model, CsdlVersion::V401, ALL));
    let overloads = document["Erp"]["GetAllowedCustomPropertyValues"]
        .as_array()
        .unwrap();
    let of_user = overloads
        .iter()
        .find(|o| o["$Parameter"][0]["$Type"] == "Erp.Systems_Security_User")
        .unwrap();
    let parameters = of_user["$Parameter"].as_array().unwrap().iter();
    let names: Vec<_> = parameters.map(|p| p["$Name"].as_str().unwrap()).collect();
    let expected = [
        "bindingParameter",
        "customPropertyCode",
        "search",
        "exactMatch",
        "orderByDescription",
        "top",
        "skip",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        of_user["$Parameter"][5]["@Core.OptionalParameter"]["DefaultValue"],
        "10"
    );
    assert_eq!(of_user["$ReturnType"]["$Collection"], true);
    assert_eq!(of_user["$ReturnType"]["$Type"], "Erp.CustomPropertyValue");
}

#[test]
fn json_form() {
    let document: Json = serde_json::from_str(&csdl_json(&shipped()).unwrap()).unwrap();
    assert_eq!(document["$Version"], "4.01");
    assert_eq!(document["$EntityContainer"], "Erp.Container");
    let user = &document["Erp"]["Systems_Security_User"];
    assert_eq!(user["$Kind"], "EntityType");
    assert_eq!(user["$Key"], serde_json::json!(["Id"]));
    assert_eq!(user["Email"]["$MaxLength"], 254);
    assert_eq!(user["Email"]["$Nullable"], true);
    assert_eq!(
        user["Email"]["$Type"],
        Json::Null,
        "`Edm.String` is the default"
    );
    let filters = &user["Email"]["@Ext.DeclaredFilters"];
    assert_eq!(*filters, serde_json::json!(["multi eq", "like"]));
    assert_eq!(user["Groups"]["$OnDelete"], "Cascade");
    let set = &document["Erp"]["Container"]["Systems_Security_Users"];
    assert_eq!(
        set["$NavigationPropertyBinding"]["Groups"],
        "Systems_Security_UserGroups"
    );
    assert_eq!(
        set["@Core.OptimisticConcurrency"],
        serde_json::json!(["ObjectVersion"])
    );
}

#[test]
fn the_version_is_as_asked() {
    let model = shipped();
    for (version, text) in [(CsdlVersion::V40, "4.0"), (CsdlVersion::V401, "4.01")] {
        let top = Node::read(&csdl_xml(&model, version).unwrap());
        assert_eq!(top.attribute("Version"), text);
    }
}

#[test]
fn declarations_map_to_the_nearest_word() {
    use Declared::{Eq, Ge, Le, Like, MultiEq};
    let rows: &[(&[Declared], Option<&str>)] = &[
        (&[], None),
        (&[Eq], Some("SingleValue")),
        (&[MultiEq], Some("MultiValue")),
        (&[Like], Some("SearchExpression")),
        (&[Eq, Like], Some("SingleValue")),
        (&[MultiEq, Like], Some("MultiValue")),
        (&[Ge, Le], Some("SingleRange")),
        (&[Eq, Ge, Le], Some("MultiRange")),
        (&[Eq, Ge, Le, Like], Some("MultiRangeOrSearchExpression")),
    ];
    for (words, expected) in rows {
        assert_eq!(
            allowed_expressions(Filters::of(words)),
            *expected,
            "{words:?}"
        );
    }
}
