//! The rules, a file each.

mod invitation_password;
mod last_administrator;
mod password_format;
mod phone_confirmation;
mod r31282;
mod r33153;
mod r34956;
mod r35312;
mod r35716;
mod r35969;
mod r36747;
mod r37154;
mod r37166;

use super::Rule;

/// Every rule. Those that fill something in come before those that look at it.
pub const RULES: &[&dyn Rule] = &[
    &invitation_password::InvitationPassword,
    &r35969::SetEmailConfirmedToFalseOnEmailChange,
    &phone_confirmation::PhoneConfirmation,
    &password_format::PasswordFormatFixed,
    &r34956::ExternalAndVirtualUsersCannotBeAdmin,
    &r35716::PasswordRequiredExceptVirtualAndApplicationUsers,
    &r36747::DefaultLanguageIsIso6391Compliant,
    &r31282::CannotChangeSystemGroup,
    &r37154::CheckForInvalidSymbols,
    &r37166::SystemGroupUpdateNotAllowed,
    &r33153::NotifyAdminsOnCommunityUserCreation,
    &r35312::ValidateNotificationClass,
    &last_administrator::LastAdministrator,
];

/// Repository names that rules share.
const USERS: &str = "Systems.Security.Users";
const USER_GROUPS: &str = "Systems.Security.UserGroups";
const GROUPS: &str = "Systems.Security.Groups";
const NOTIFICATIONS: &str = "Systems.Core.Notifications";
