//! The model endpoints: the model as the vendor's clients read it, repository by repository.
//!
//! Nothing is left out because it is closed: that an attribute exists is no secret, its values are.

use serde_json::{Map, Value as Json, json};

use super::Offers;
use crate::model::{
    Access, Attribute, AttributeRole, Collection, Default, Entity, EntityId, Method, MethodKind,
    Model, Parameter, Reference, Visibility,
};
use crate::value::{Kind, Language};

/// How much is told of each repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What it is; null members are left out.
    Compact,
    /// Its members too; null members are there.
    Full,
}

/// All repositories, by rising set name: a list.
pub fn repositories(model: &Model, offers: Offers, language: &Language, detail: Detail) -> Json {
    let writer = Writer {
        model,
        offers,
        language,
    };
    let all = model.entities();
    all.map(|(id, _)| writer.repository(id, detail)).collect()
}

/// One repository with all of its members.
pub fn repository(model: &Model, offers: Offers, language: &Language, id: EntityId) -> Json {
    let writer = Writer {
        model,
        offers,
        language,
    };
    writer.repository(id, Detail::Full)
}

struct Writer<'a> {
    model: &'a Model,
    offers: Offers,
    language: &'a Language,
}

impl Writer<'_> {
    fn repository(&self, id: EntityId, detail: Detail) -> Json {
        let entity = self.model.entity(id);
        let parent = entity.parent.map(|parent| entity.reference(parent).target);
        let name = |id: EntityId| &self.model.entity(id).name;
        let mut out = object([
            ("Name", json!(entity.set)),
            ("TableName", json!(entity.table)),
            ("RepositoryName", json!(entity.name)),
            ("LocalizedName", json!(spaced(last(&entity.name)))),
            ("LocalizedDescription", json!(self.text(&entity.text))),
            ("IsAggregateRoot", json!(entity.root == id)),
            ("AggregateParent", json!(parent.map(name))),
            ("AggregateRoot", json!(name(entity.root))),
            ("ObjectType", json!(format!("Erp.{}", entity.type_name))),
            ("Category", json!(entity.category)),
            ("UIVisibility", json!(visibility(entity.visibility))),
        ]);
        match detail {
            Detail::Compact => out.retain(|_, value| !value.is_null()),
            Detail::Full => self.members(&mut out, (id, entity)),
        }
        Json::Object(out)
    }

    fn text(&self, text: &crate::model::Text) -> String {
        text.get(self.language.key()).to_owned()
    }

    fn members(&self, out: &mut Map<String, Json>, (id, entity): (EntityId, &Entity)) {
        let member = |path: &crate::model::MemberPath| self.model.member_name(entity, path, ".");
        let base = entity.base.map(|base| &self.model.entity(base).name);
        let access = match entity.access {
            Access::ReadWrite if !entity.view => "ReadWrite",
            Access::ReadWrite | Access::ReadOnly => "ReadOnly",
        };
        let track = entity.track.map(|track| {
            let (min, max) = (track.min, track.max);
            json!({"MinLevel": min, "MaxLevel": max})
        });
        let attributes = entity.attributes.iter();
        let attributes = attributes.map(|a| self.attribute((id, entity), a));
        let references = entity.references.iter();
        let references = references.map(|r| self.reference(entity, r));
        let collections = entity.collections.iter().map(|c| self.collection(c));
        let methods = self.model.methods_of(id);
        let methods = methods.filter(|method| self.offers.calls(method));
        let search = entity.search.iter().map(member);
        out.extend(object([
            ("BaseRepository", json!(base)),
            ("DisplayTextFormat", json!(entity.display_format)),
            ("SearchMembers", search.collect()),
            ("CodeDataMember", json!(entity.code.as_ref().map(member))),
            (
                "NameDataMember",
                json!(entity.name_member.as_ref().map(member)),
            ),
            ("TrackChanges", json!(track)),
            ("ApiAccess", json!(access)),
            ("IsObsolete", json!(entity.obsolete)),
            ("Attributes", attributes.collect()),
            ("References", references.collect()),
            ("ChildCollections", collections.collect()),
            ("Methods", methods.map(self::method).collect()),
        ]));
    }

    fn attribute(&self, (id, entity): (EntityId, &Entity), attribute: &Attribute) -> Json {
        let calculated = attribute.role == AttributeRole::DisplayText;
        let enumeration = attribute.enumeration.map(|id| self.model.enumeration(id));
        let custom = attribute.role.custom();
        let ty = match enumeration {
            _ if custom.is_some() => "Erp.CustomPropertyValue".to_owned(),
            Some(enumeration) => format!("Erp.{}", enumeration.type_name),
            None => attribute.kind.edm().to_owned(),
        };
        let values = enumeration.map(|enumeration| {
            let members = enumeration.members.iter();
            let members = members.map(|member| {
                json!({
                    "Name": member.name,
                    "Value": member.value,
                    "Code": member.code,
                    "LocalizedDescription": self.text(&member.text),
                })
            });
            members.collect::<Json>()
        });
        let column = (!attribute.column.is_empty()).then_some(&attribute.column);
        let (default_type, default) = default(attribute.default.as_ref());
        let base = json!({
            "Nullable": attribute.nullable,
            "Required": attribute.required,
            "Orderable": attribute.orderable,
            "Indexed": attribute.indexed,
            "MaxLength": attribute.max_length,
            "Minimum": attribute.min,
            "Maximum": attribute.max,
            "SupportedFilters": attribute.filters.flags(),
            "IsFilterableReference": false,
            "DefaultValueType": default_type,
            "DefaultValue": default,
            "UIVisibility": visibility(attribute.visibility),
            "Subtype": Json::Null,
            "IntroducedIn": attribute.since,
            "IsClosed": attribute.secret,
        });
        json!({
            "Name": attribute.name,
            "ColumnName": column,
            "Type": ty,
            "LocalizedName": match custom {
                Some(_) => self.text(&attribute.text),
                None => spaced(&attribute.name),
            },
            "LocalizedDescription": self.text(&attribute.text),
            "IsCustomProperty": custom.is_some(),
            "IsCalculatedDataAttribute": calculated,
            "SupportsAllowedValues": custom.is_some(),
            "LimitToAllowedValues": custom.is_some_and(|custom| custom.limited),
            "CategoryId": Json::Null,
            "CategoryLocalizedName": Json::Null,
            "IsBlob": attribute.kind == Kind::Binary,
            "SupportsSet": entity.is_open() && entity.is_writable(id, attribute),
            "ReadOnly": attribute.is_made(),
            "IsPersistent": !calculated,
            "BaseInfo": base,
            "enumValues": values,
        })
    }

    fn reference(&self, entity: &Entity, reference: &Reference) -> Json {
        let target = self.model.entity(reference.target);
        let base = json!({
            "Nullable": reference.nullable,
            "Required": !reference.nullable,
            "Orderable": false,
            "Indexed": reference.indexed,
            "SupportedFilters": reference.filters.flags(),
            "IsFilterableReference": reference.owner || reference.filterable,
            "UIVisibility": visibility(reference.visibility),
            "IntroducedIn": reference.since,
        });
        json!({
            "Name": reference.name,
            "ColumnName": reference.column,
            "LocalizedName": spaced(&reference.name),
            "LocalizedDescription": self.text(&reference.text),
            "ReferencedEntitySet": target.set,
            "ReferencedType": format!("Erp.{}", target.type_name),
            "IsOwnership": reference.owner,
            "IsFilterable": reference.filters.any(),
            "IsAggregateParent": reference.owner,
            "SupportsSet": entity.is_open() && !reference.read_only,
            "ReadOnly": reference.read_only,
            "BaseInfo": base,
        })
    }

    fn collection(&self, collection: &Collection) -> Json {
        let target = self.model.entity(collection.target);
        json!({
            "Name": collection.name,
            "LocalizedName": spaced(&collection.name),
            "LocalizedDescription": self.text(&collection.text),
            "ChildObjectType": format!("Erp.{}", target.type_name),
            "ChildEntitySet": target.set,
            "ChildReference": target.reference(collection.back).name,
        })
    }
}

fn method(method: &Method) -> Json {
    let parameter = |parameter: &Parameter| {
        json!({
            "Name": parameter.name,
            "Type": parameter.type_name,
            "IsOptional": parameter.optional,
            "DefaultValue": parameter.default,
        })
    };
    let is_action = match method.kind {
        MethodKind::Action => true,
        MethodKind::Function => false,
    };
    json!({
        "Name": method.name,
        "Namespace": method.namespace,
        "ReturnType": method.returns,
        "IsAction": is_action,
        "Parameters": method.parameters.iter().map(parameter).collect::<Json>(),
    })
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Map<String, Json> {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The vendor's word for where a default comes from, and the constant.
fn default(default: Option<&Default>) -> (&'static str, Option<&str>) {
    match default {
        Some(Default::Constant(text)) => ("Constant", Some(text)),
        Some(Default::NewGuid) => ("NewGuid", None),
        Some(Default::Now) => ("CurrentDateTimeUtc", None),
        // The vendor has no word for codes that count up.
        Some(Default::NextCode) | None => ("None", None),
    }
}

const fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::ShownByDefault => "ShownByDefault",
        Visibility::HiddenByDefault => "HiddenByDefault",
        Visibility::CannotBeShown => "CannotBeShown",
    }
}

/// The last word of a repository name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A name as people read it: `UserGroups` is `User Groups`, `UITheme` stays together.
fn spaced(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spaced() {
        for (name, expected) in [
            ("UserGroups", "User Groups"),
            ("Id", "Id"),
            ("CreationTimeUtc", "Creation Time Utc"),
            ("AllowedValuesFilterXML", "Allowed Values Filter XML"),
        ] {
            assert_eq!(spaced(name), expected);
        }
    }

    #[test]
    fn compact_lists_have_no_nulls_and_full_ones_do() {
        let model = Model::shipped().unwrap();
        let offers = Offers::with(&[]);
        let list = |detail| repositories(&model, offers, &Language::default(), detail);
        let (compact, full) = (list(Detail::Compact), list(Detail::Full));
        let (compact, full) = (compact.as_array().unwrap(), full.as_array().unwrap());
        assert_eq!(compact.len(), model.entities().count());
        assert_eq!(compact.len(), full.len());
        for (compact, full) in compact.iter().zip(full) {
            let compact = compact.as_object().unwrap();
            assert!(
                compact.values().all(|value| !value.is_null()),
                "{compact:?}"
            );
            for (name, value) in compact {
                assert_eq!(*value, full[name]);
            }
        }
        assert!(full.iter().any(|one| one["AggregateParent"].is_null()));
    }
}
