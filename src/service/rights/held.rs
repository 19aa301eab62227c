//! What a user holds: permissions through roles and groups, keys through groups.

use std::collections::HashMap;

use uuid::Uuid;

use crate::change::Stored;
use crate::diag::Result;
use crate::model::Model;
use crate::rules::{Facts, Where, criteria};
use crate::service::write::look;
use crate::store::Reads;
use crate::value::Value;

const USER_GROUPS: &str = "Systems.Security.UserGroups";
const GROUPS: &str = "Systems.Security.Groups";
const ROLE_USERS: &str = "Systems.Security.RoleUsers";
const ROLES: &str = "Systems.Security.Roles";
const GROUP_KEYS: &str = "Systems.Security.GroupAccessKeys";
const COLUMNS: &str = "Systems.Security.ColumnPermissions";
const PERMISSIONS: &str = "Ext.EntityPermissions";

/// The type of groups that every user is a member of, as the database has it.
const EVERYBODY: &str = "E";

/// What a user holds.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) permissions: Vec<Permission>,
    /// Every column that is closed to somebody.
    pub(super) columns: Vec<ClosedColumn>,
}

/// One row of `Ext_EntityPermissions`.
#[derive(Debug, Clone)]
pub(super) struct Permission {
    pub(super) set: String,
    pub(super) read: bool,
    pub(super) create: bool,
    pub(super) update: bool,
    pub(super) delete: bool,
    pub(super) filter: Option<String>,
}

/// A column with permissions, and what the user's keys open of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClosedColumn {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) readable: bool,
    pub(super) writable: bool,
}

impl Held {
    /// What a user holds now.
    pub(super) fn of(model: &Model, on: &mut impl Reads, user: Uuid) -> Result<Self> {
        let mut found = Finding { model, on };
        let groups = found.groups(user)?;
        let roles = found.roles(user)?;
        let keys = found.keys(&groups)?;
        Ok(Self {
            permissions: found.permissions(&roles, &groups)?,
            columns: found.columns(&keys)?,
        })
    }
}

/// Looks into the tables by the names of the shipped model. What a model lacks gives nothing.
struct Finding<'m, 'r, R> {
    model: &'m Model,
    on: &'r mut R,
}

impl<'m, R: Reads> Finding<'m, '_, R> {
    fn find(&mut self, repository: &str, wanted: &[Where]) -> Result<Vec<Stored>> {
        let Some(entity) = self.model.repository(repository) else {
            return Ok(Vec::new());
        };
        match criteria(self.model, entity, wanted) {
            Some(criteria) => look(self.model, self.on, entity, &criteria),
            None => Ok(Vec::new()),
        }
    }

    fn facts<'s>(&self, stored: &'s Stored) -> Facts<'s>
    where
        'm: 's,
    {
        Facts {
            model: self.model,
            entity: self.model.entity(stored.entity),
            record: &stored.record,
        }
    }

    fn groups(&mut self, user: Uuid) -> Result<Vec<Uuid>> {
        let member = self.find(USER_GROUPS, &[Where::At("User", user)])?;
        let mut groups: Vec<_> = member
            .iter()
            .filter_map(|m| self.facts(m).reference("Group"))
            .collect();
        let everybody = Value::Text(EVERYBODY.to_owned());
        let everybody = self.find(GROUPS, &[Where::Is("GroupType", everybody)])?;
        groups.extend(everybody.iter().map(|group| group.id));
        Ok(groups)
    }

    fn roles(&mut self, user: Uuid) -> Result<Vec<Uuid>> {
        let played = self.find(ROLE_USERS, &[Where::At("User", user)])?;
        let played: Vec<_> = played
            .iter()
            .filter_map(|p| self.facts(p).reference("Role"))
            .collect();
        if played.is_empty() {
            return Ok(played);
        }
        let active = self.find(ROLES, &[Where::Is("IsActive", Value::Boolean(true))])?;
        let active = active.iter().map(|role| role.id);
        Ok(active.filter(|id| played.contains(id)).collect())
    }

    /// The keys that groups hold, and whether they open for changes too.
    fn keys(&mut self, groups: &[Uuid]) -> Result<HashMap<Uuid, bool>> {
        let mut keys = HashMap::new();
        for held in self.find(GROUP_KEYS, &[Where::In("Group", groups.to_vec())])? {
            let facts = self.facts(&held);
            if let Some(key) = facts.reference("AccessKey") {
                *keys.entry(key).or_default() |= facts.flag("CanUpdate");
            }
        }
        Ok(keys)
    }

    fn permissions(&mut self, roles: &[Uuid], groups: &[Uuid]) -> Result<Vec<Permission>> {
        let mut found = self.find(PERMISSIONS, &[Where::In("Role", roles.to_vec())])?;
        found.extend(self.find(PERMISSIONS, &[Where::In("Group", groups.to_vec())])?);
        let permissions = found.iter().map(|row| {
            let facts = self.facts(row);
            Permission {
                set: facts.text("EntitySet").unwrap_or_default().to_owned(),
                read: facts.flag("CanRead"),
                create: facts.flag("CanCreate"),
                update: facts.flag("CanUpdate"),
                delete: facts.flag("CanDelete"),
                filter: facts.text("RecordFilter").map(str::to_owned),
            }
        });
        Ok(permissions.collect())
    }

    fn columns(&mut self, keys: &HashMap<Uuid, bool>) -> Result<Vec<ClosedColumn>> {
        let mut columns: HashMap<(String, String), (bool, bool)> = HashMap::new();
        for row in self.find(COLUMNS, &[])? {
            let facts = self.facts(&row);
            let name = |name| facts.text(name).unwrap_or_default().to_owned();
            let opens = facts.reference("AccessKey").and_then(|key| keys.get(&key));
            let open = columns
                .entry((name("TableName"), name("ColumnName")))
                .or_default();
            if let Some(update) = opens {
                open.0 |= facts.flag("CanRead");
                open.1 |= facts.flag("CanUpdate") && *update;
            }
        }
        let closed = columns
            .into_iter()
            .map(|((table, column), (readable, writable))| ClosedColumn {
                table,
                column,
                readable,
                writable,
            });
        Ok(closed.filter(|c| !c.readable || !c.writable).collect())
    }
}
