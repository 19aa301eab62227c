//! Reads the entity files: everything that can be said without looking at another file.

use marked_yaml::Node;

use super::draft::{
    AttributeDraft, CollectionDraft, Drafts, EntityDraft, ReferenceDraft, UniqueDraft,
};
use super::read_attribute::{read_attribute, read_filters, read_text};
use super::yaml::{Faults, Fields, Spotted, named, scalar};
use super::{local, read_method, roots};
use crate::model::{Access, Allowed, EnumMember, Enumeration, TrackChanges, View, Visibility};

/// The file with the operations.
const METHODS: &str = "methods.yaml";
/// The file with the attributes that entities take over by name.
const SYSTEM: &str = "system.yaml";

const ENTITY: &[&str] = &[
    "entity",
    "type",
    "table",
    "view",
    "base",
    "text",
    "display",
    "search",
    "code",
    "name",
    "category",
    "show",
    "track",
    "access",
    "readers",
    "writers",
    "copy",
    "private_to",
    "obsolete",
    "old_names",
    "enums",
    "attributes",
    "system",
    "references",
    "collections",
    "unique",
    "indexes",
];
const REFERENCE: &[&str] = &[
    "to",
    "column",
    "nullable",
    "filters",
    "owner",
    "outlives",
    "filterable",
    "read_only",
    "indexed",
    "show",
    "since",
    "inherited",
    "text",
];

const ALLOWED: &[(&str, Allowed)] = &[
    (Allowed::Granted.word(), Allowed::Granted),
    (Allowed::Administrators.word(), Allowed::Administrators),
    (Allowed::Sec.word(), Allowed::Sec),
];

pub(super) const SHOW: &[(&str, Visibility)] = &[
    ("default", Visibility::ShownByDefault),
    ("hidden", Visibility::HiddenByDefault),
    ("never", Visibility::CannotBeShown),
];

/// Reads one file into the drafts.
pub(super) fn read_file(name: &str, root: &Node, drafts: &mut Drafts, faults: &mut Faults) {
    match name {
        METHODS => drafts
            .methods
            .extend(read_method::read_methods(root, faults)),
        SYSTEM => drafts.system.extend(read_system(root, faults)),
        _ => match read_entity(root, faults) {
            Some(draft) => drafts.entities.push(draft),
            None => drafts.incomplete = true,
        },
    }
}

fn read_system(root: &Node, faults: &mut Faults) -> Vec<AttributeDraft> {
    let Some(fields) = Fields::read(root, "the file", &["attributes"], faults) else {
        return Vec::new();
    };
    let lines = read_attributes(&fields, true, faults);
    lines
        .iter()
        .for_each(|line| roots::check_attribute(line, faults));
    lines
}

fn read_attributes(fields: &Fields<'_>, system: bool, faults: &mut Faults) -> Vec<AttributeDraft> {
    let members = fields.members("attributes", faults);
    members
        .into_iter()
        .filter_map(|(name, node)| read_attribute(name, node, system, faults))
        .collect()
}

fn read_entity(root: &Node, faults: &mut Faults) -> Option<EntityDraft> {
    let fields = Fields::read(root, "an entity", ENTITY, faults)?;
    let what = "an entity";
    let name = fields.needed("entity", what, faults);
    let type_name = fields.needed("type", what, faults);
    let table = fields.needed("table", what, faults);
    let display = fields.needed("display", what, faults);
    let category = fields.needed("category", what, faults);
    let text = read_text(&fields, what, faults);
    let access = [
        ("read write", Access::ReadWrite),
        ("read only", Access::ReadOnly),
    ];
    let attributes = read_attributes(&fields, false, faults);
    let references = read_references(&fields, faults);
    let collections = read_collections(&fields, faults);
    let enumerations = read_enumerations(&fields, faults);
    let draft = EntityDraft {
        at: fields.at("entity"),
        name: name?.node,
        type_name: type_name?,
        table: table?,
        view: fields.choice("view", &[("aggregate roots", View::AggregateRoots)], faults),
        base: fields.text("base", faults),
        text,
        display: display?,
        search: fields.texts("search", faults),
        code: fields.text("code", faults),
        name_member: fields.text("name", faults),
        category: category?.node,
        visibility: fields
            .choice("show", SHOW, faults)
            .unwrap_or(Visibility::ShownByDefault),
        track: read_track(&fields, faults),
        access: fields
            .choice("access", &access, faults)
            .unwrap_or(Access::ReadWrite),
        readers: read_allowed(&fields, "readers", faults),
        writers: read_allowed(&fields, "writers", faults),
        copied: read_copied(&fields, faults),
        private_to: fields.text("private_to", faults),
        obsolete: fields.flag("obsolete", faults),
        old_names: read_old_names(&fields, faults),
        attributes,
        system: fields.texts("system", faults),
        references,
        collections,
        enumerations,
        unique: read_unique(&fields, faults),
        indexes: read_indexes(&fields, faults),
    };
    local::check_entity(&draft, faults);
    Some(draft)
}

/// `copy: never`.
pub(super) fn read_copied(fields: &Fields<'_>, faults: &mut Faults) -> bool {
    let never = fields.choice("copy", &[("never", ())], faults);
    never.is_none()
}

/// Earlier names, each with the version that ended it.
fn read_old_names(fields: &Fields<'_>, faults: &mut Faults) -> Vec<(Spotted<String>, String)> {
    let members = fields.members("old_names", faults);
    let read = |(name, node): (Spotted<String>, &Node), faults: &mut Faults| {
        let version = scalar(node, "old_names", faults)?;
        Some((name, version.node))
    };
    members
        .into_iter()
        .filter_map(|member| read(member, faults))
        .collect()
}

fn read_allowed(fields: &Fields<'_>, key: &str, faults: &mut Faults) -> Allowed {
    let allowed = fields.choice(key, ALLOWED, faults);
    allowed.unwrap_or(Allowed::Granted)
}

fn read_track(fields: &Fields<'_>, faults: &mut Faults) -> Option<TrackChanges> {
    let track = Fields::read(fields.node("track")?, "`track`", &["min", "max"], faults)?;
    track.needed("min", "`track`", faults)?;
    track.needed("max", "`track`", faults)?;
    let range = TrackChanges {
        min: track.number("min", faults)?,
        max: track.number("max", faults)?,
    };
    if range.min > range.max || range.max > 4 {
        faults.add(
            fields.at("track"),
            "`track` goes from `min` to `max`, both 0 to 4",
        );
    }
    Some(range)
}

fn read_references(fields: &Fields<'_>, faults: &mut Faults) -> Vec<ReferenceDraft> {
    let members = fields.members("references", faults);
    members
        .into_iter()
        .filter_map(|(name, node)| read_reference(name, node, faults))
        .collect()
}

fn read_reference(
    name: Spotted<String>,
    node: &Node,
    faults: &mut Faults,
) -> Option<ReferenceDraft> {
    let what = format!("reference `{}`", name.node);
    let fields = Fields::read(node, &what, REFERENCE, faults)?;
    let inherited = fields.flag("inherited", faults);
    let (target, column, text) = if inherited {
        local::check_inherited(&fields, &what, REFERENCE, faults);
        (None, String::new(), std::default::Default::default())
    } else {
        let target = fields.needed("to", &what, faults);
        let column = fields.needed("column", &what, faults);
        let text = read_text(&fields, &what, faults);
        (Some(target?), column?.node, text)
    };
    let draft = ReferenceDraft {
        at: name.at,
        name: name.node,
        text,
        target,
        nullable: fields.flag("nullable", faults),
        filters: read_filters(&fields, faults),
        owner: fields.flag("owner", faults),
        outlives: fields.flag("outlives", faults),
        filterable: fields.flag("filterable", faults),
        read_only: fields.flag("read_only", faults),
        indexed: fields.flag("indexed", faults),
        visibility: fields
            .choice("show", SHOW, faults)
            .unwrap_or(Visibility::ShownByDefault),
        since: fields.text("since", faults).map(|since| since.node),
        column,
        inherited,
    };
    local::check_reference(&draft, &fields, faults);
    Some(draft)
}

fn read_collections(fields: &Fields<'_>, faults: &mut Faults) -> Vec<CollectionDraft> {
    let read = |(name, node): (Spotted<String>, &Node), faults: &mut Faults| {
        let what = format!("collection `{}`", name.node);
        let fields = Fields::read(node, &what, &["of", "back", "text"], faults)?;
        let target = fields.needed("of", &what, faults);
        let back = fields.needed("back", &what, faults);
        let text = read_text(&fields, &what, faults);
        Some(CollectionDraft {
            at: name.at,
            name: name.node,
            text,
            target: target?,
            back: back?,
        })
    };
    let members = fields.members("collections", faults);
    members
        .into_iter()
        .filter_map(|member| read(member, faults))
        .collect()
}

fn read_enumerations(fields: &Fields<'_>, faults: &mut Faults) -> Vec<Spotted<Enumeration>> {
    let mut all = Vec::new();
    for (name, node) in fields.members("enums", faults) {
        let mut members = Vec::new();
        for (member, node) in named(node, &format!("enumeration `{}`", name.node), faults) {
            let at = member.at;
            let read = read_member(member, node, faults);
            members.extend(read.map(|node| Spotted { node, at }));
        }
        local::check_enumeration(&name, &members, faults);
        members.sort_by_key(|member| member.node.value);
        let enumeration = Enumeration {
            name: name.node,
            type_name: String::new(),
            qualified_name: String::new(),
            members: members.into_iter().map(|member| member.node).collect(),
        };
        all.push(Spotted {
            node: enumeration,
            at: name.at,
        });
    }
    all
}

fn read_member(name: Spotted<String>, node: &Node, faults: &mut Faults) -> Option<EnumMember> {
    let what = format!("member `{}`", name.node);
    let fields = Fields::read(node, &what, &["code", "value", "text"], faults)?;
    let code = fields.needed("code", &what, faults);
    fields.needed("value", &what, faults);
    let value = fields.number("value", faults);
    let text = read_text(&fields, &what, faults);
    Some(EnumMember {
        name: name.node,
        code: code?.node,
        value: value?,
        text,
    })
}

fn read_unique(fields: &Fields<'_>, faults: &mut Faults) -> Vec<UniqueDraft> {
    let read = |node: &Node, faults: &mut Faults| {
        let fields = Fields::read(node, "`unique`", &["members", "nulls_equal"], faults)?;
        fields.has("members").then_some(()).or_else(|| {
            faults.add(fields.at("members"), "`unique` needs `members`");
            None
        })?;
        Some(UniqueDraft {
            members: fields.texts("members", faults),
            nulls_equal: fields.texts("nulls_equal", faults),
        })
    };
    fields
        .items("unique", faults)
        .into_iter()
        .filter_map(|node| read(node, faults))
        .collect()
}

fn read_indexes(fields: &Fields<'_>, faults: &mut Faults) -> Vec<Vec<Spotted<String>>> {
    let items = fields.items("indexes", faults);
    items
        .into_iter()
        .filter_map(|node| {
            let fields = Fields::read(node, "`indexes`", &["members"], faults)?;
            Some(fields.texts("members", faults))
        })
        .collect()
}
