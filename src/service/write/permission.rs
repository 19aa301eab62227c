//! Permissions that are written must mean something: a filter that cannot be bound opens nothing,
//! a set that is kept for administrators is opened to nobody, and a column that does not exist
//! closes nothing, all without a word.

use crate::bind::RowFilter;
use crate::change::{ChangeSet, Checked, Faults, Kind, Object};
use crate::diag::{Code, Problem};
use crate::model::{Allowed, Model};
use crate::rules::Facts;

const ENTITY_PERMISSIONS: &str = "Ext.EntityPermissions";
const COLUMN_PERMISSIONS: &str = "Systems.Security.ColumnPermissions";

/// Sees that new and changed permissions name what exists.
pub(super) fn check(set: &ChangeSet<'_, Checked>) -> Result<(), Faults> {
    let model = set.model();
    let mut faults = Faults::new();
    for object in set.objects() {
        let written = match object.kind() {
            Kind::Create | Kind::Update => true,
            Kind::Delete | Kind::Nothing => false,
        };
        let (true, Some(facts)) = (written, facts(model, object)) else {
            continue;
        };
        let found = match facts.entity.name.as_str() {
            ENTITY_PERMISSIONS => entity_permission(facts),
            COLUMN_PERMISSIONS => column_permission(facts),
            _ => Vec::new(),
        };
        let inside = |problem: Problem| (object.request, problem.inside(&object.path));
        faults.extend(found.into_iter().map(inside));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

fn facts<'a>(model: &'a Model, object: &'a Object) -> Option<Facts<'a>> {
    let record = object.after.as_ref()?;
    Some(Facts {
        model,
        entity: model.entity(object.entity),
        record,
    })
}

fn fault(property: &str, message: impl Into<String>) -> Problem {
    Problem::new(Code::PermissionFault, message).about(property)
}

fn entity_permission(facts: Facts<'_>) -> Vec<Problem> {
    let mut faults = Vec::new();
    let set = facts.text("EntitySet").unwrap_or_default();
    let Some(entity) = facts.model.set(set) else {
        faults.push(fault(
            "EntitySet",
            format!("there is no entity set `{set}`"),
        ));
        return faults;
    };
    if let Some(filter) = facts.text("RecordFilter")
        && let Err(problem) = RowFilter::parse(facts.model, entity, filter)
    {
        faults.push(fault("RecordFilter", problem.message()));
    }
    let of = facts.model.entity(entity);
    let (read, changed) = ((of.readers, "read"), (of.writers, "changed"));
    for (name, (allowed, done)) in [
        ("CanRead", read),
        ("CanCreate", changed),
        ("CanUpdate", changed),
        ("CanDelete", changed),
    ] {
        let who = match allowed {
            Allowed::Granted => continue,
            Allowed::Administrators => "administrators",
            Allowed::Sec => "administrators with the scope `sec`",
        };
        if facts.flag(name) {
            let message = format!("`{set}` is {done} by {who}, whatever is granted");
            faults.push(fault(name, message));
        }
    }
    faults
}

fn column_permission(facts: Facts<'_>) -> Vec<Problem> {
    let name = |property| facts.text(property).unwrap_or_default();
    let (table, column) = (name("TableName"), name("ColumnName"));
    let mut entities = facts.model.entities();
    let Some((id, of)) = entities.find(|(_, of)| of.table.eq_ignore_ascii_case(table)) else {
        return vec![fault("TableName", format!("there is no table `{table}`"))];
    };
    // A custom property has no column: its name stands for it, where it is defined.
    let is_custom = of.custom_ids().any(|(number, _)| {
        let name = &of.attribute(number).name;
        name.eq_ignore_ascii_case(column) && facts.model.custom_owner(id, name) == id
    });
    if facts.model.table(id).find(column).is_none() && !is_custom {
        let message = format!("the table `{table}` has no column `{column}`");
        return vec![fault("ColumnName", message)];
    }
    Vec::new()
}
