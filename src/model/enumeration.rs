//! Enumeration types.

use super::Text;

/// An enumeration: its members, each with three spellings of its value.
#[derive(Debug, Clone)]
pub struct Enumeration {
    /// The short name inside its repository, such as `UserType`.
    pub name: String,
    /// The OData type name without the namespace: `Systems_Security_Users_UserType`.
    pub type_name: String,
    /// The vendor's qualified name: `Systems.Security.UsersRepository.UserType`.
    pub qualified_name: String,
    /// The members, by rising model value.
    pub members: Vec<EnumMember>,
}

/// One member of an enumeration.
#[derive(Debug, Clone)]
pub struct EnumMember {
    /// The API name, the only one on the wire: `InternalUser`.
    pub name: String,
    /// The code in the database: `INT`.
    pub code: String,
    /// The number of the member.
    pub value: i64,
    /// What it means.
    pub text: Text,
}

impl Enumeration {
    /// The member with this API name.
    pub fn member(&self, name: &str) -> Option<&EnumMember> {
        self.members.iter().find(|m| m.name == name)
    }

    /// The member with this database code.
    pub fn by_code(&self, code: &str) -> Option<&EnumMember> {
        self.members.iter().find(|m| m.code == code)
    }
}
