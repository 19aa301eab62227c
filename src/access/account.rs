//! Whether somebody who knows a password may sign in, and what they are told if not.
//!
//! Decides from facts that others look up; what is checked here, and in which order, is the whole of
//! the rule. See `docs/decisions/015-sign-in.md`.

use super::Way;
use crate::diag::{Code, Problem};

/// The type of a user, as far as signing in goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserType {
    /// A person who works here.
    Internal,
    /// A person of a community.
    External,
    /// Nobody: tasks are assigned to it.
    Virtual,
    /// A machine with a password.
    System,
    /// A machine with the credentials of an application.
    Application,
    /// A person who was invited and has not come yet.
    Invited,
}

impl UserType {
    /// The type of a code of `UserType`; nothing for a code that the model does not have.
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "INT" => Some(Self::Internal),
            "EXT" => Some(Self::External),
            "VIR" => Some(Self::Virtual),
            "SYS" => Some(Self::System),
            "APP" => Some(Self::Application),
            "INI" | "INE" => Some(Self::Invited),
            _ => None,
        }
    }

    /// Whether it stands for a person, who signs in by hand.
    pub const fn is_person(self) -> bool {
        match self {
            Self::Internal | Self::External | Self::Invited => true,
            Self::Virtual | Self::System | Self::Application => false,
        }
    }

    /// Whether its users may be administrators (R34956).
    pub const fn may_administer(self) -> bool {
        match self {
            Self::Internal | Self::System | Self::Application => true,
            Self::External | Self::Virtual | Self::Invited => false,
        }
    }

    /// What a way in gives users of this type (S1-43 to S1-49, X-01).
    pub const fn standing(self, way: Way) -> Standing {
        match (self, way) {
            (
                Self::Internal,
                Way::Basic | Way::Session | Way::Cookie | Way::Token | Way::Issuer,
            )
            | (Self::System, Way::Basic | Way::Session | Way::Token | Way::Client)
            | (Self::Application, Way::Token | Way::Client) => Standing::Data,
            (Self::External, Way::Cookie | Way::Token | Way::Issuer) => Standing::Identity,
            (Self::Internal, Way::Client | Way::Nobody)
            | (Self::External, Way::Basic | Way::Session | Way::Client | Way::Nobody)
            | (Self::System, Way::Cookie | Way::Issuer | Way::Nobody)
            | (
                Self::Application,
                Way::Basic | Way::Session | Way::Cookie | Way::Issuer | Way::Nobody,
            )
            | (Self::Virtual | Self::Invited, _) => Standing::Closed,
        }
    }
}

/// What a way in gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Data, as far as the rights go.
    Data,
    /// Only who it is: no data.
    Identity,
    /// Nothing.
    Closed,
}

/// What decides about a user at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The type; nothing for one that nobody knows.
    pub user_type: Option<UserType>,
    /// `Active`.
    pub active: bool,
    /// Whether the user is locked now.
    pub locked: bool,
    /// `BasicAuthenticationAllowed`.
    pub basic_allowed: bool,
    /// Whether the application that the request names may send HTTP Basic; true where it names none.
    pub application_allows: bool,
    /// Whether the domain takes passwords; true without a domain.
    pub local_allowed: bool,
    /// Whether `WindowsUserName` is empty, or a trusted proxy has named that very user.
    pub windows_met: bool,
    /// `TwoFactorEnabled`.
    pub two_factor: bool,
    /// Whether the user has any group or role, or is an administrator, or need not.
    pub has_role: bool,
}

impl Facts {
    /// Why the user may not come this way, whatever is proved; the checks before the password.
    pub fn before_password(&self, way: Way) -> Result<(), Reason> {
        if self.locked {
            return Err(Reason::Locked);
        }
        let Some(user_type) = self.user_type else {
            return Err(Reason::Way);
        };
        if user_type.standing(way) == Standing::Closed {
            return Err(Reason::Way);
        }
        if way == Way::Basic && !self.basic_allowed {
            return Err(Reason::Basic);
        }
        if way == Way::Basic && !self.application_allows {
            return Err(Reason::Application);
        }
        // Machines keep their passwords where people sign in elsewhere.
        if !self.local_allowed && user_type.is_person() {
            return Err(Reason::Domain);
        }
        if !self.windows_met {
            return Err(Reason::Windows);
        }
        // There is no place for a code in HTTP Basic.
        if way == Way::Basic && self.two_factor {
            return Err(Reason::Basic);
        }
        Ok(())
    }

    /// Why the user may not come in although all is proved; the checks after the second factor.
    pub fn after_password(&self, way: Way) -> Result<(), Reason> {
        if !self.active {
            return Err(Reason::Inactive);
        }
        let by_hand = matches!(way, Way::Session | Way::Cookie);
        let is_person = self.user_type.is_some_and(UserType::is_person);
        if by_hand && is_person && !self.has_role {
            return Err(Reason::Role);
        }
        Ok(())
    }
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no such user, or the login is of several.
    Unknown,
    /// The password is wrong.
    Password,
    /// The code of the second factor is wrong.
    Code,
    /// The user is locked.
    Locked,
    /// The way is closed to users of this type.
    Way,
    /// HTTP Basic is not allowed to the user.
    Basic,
    /// The application that the request names may not send HTTP Basic.
    Application,
    /// The domain takes no passwords.
    Domain,
    /// Only a certain Windows account may sign in.
    Windows,
    /// The user is not active.
    Inactive,
    /// The user has neither group nor role.
    Role,
}

impl Reason {
    /// The word for logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Password => "password",
            Self::Code => "code",
            Self::Locked => "locked",
            Self::Way => "way",
            Self::Basic => "basic",
            Self::Application => "application",
            Self::Domain => "domain",
            Self::Windows => "windows",
            Self::Inactive => "inactive",
            Self::Role => "role",
        }
    }

    /// What the caller is told. Without the right password all reasons sound alike, and that
    /// somebody is locked is never told: it would say that guessing goes on, or was right.
    pub fn problem(self, password_was_right: bool) -> Problem {
        let told = match self {
            Self::Unknown | Self::Password | Self::Locked => None,
            Self::Code => Some("the code of the second factor is wrong"),
            Self::Way => Some("users of this type cannot sign in this way"),
            Self::Basic => Some("this user cannot sign in by HTTP Basic"),
            Self::Application => {
                Some("the application that the request names cannot send HTTP Basic")
            }
            Self::Domain => Some("the domain of the user takes no passwords"),
            Self::Windows => Some("this user signs in from a Windows account only"),
            Self::Inactive => Some("the user is not active"),
            Self::Role => Some("the user has neither a group nor a role"),
        };
        match told {
            Some(message) if password_was_right => Problem::new(Code::SignInRefused, message),
            Some(_) | None => failed(),
        }
    }
}

/// The one answer to a sign-in that failed.
pub fn failed() -> Problem {
    let message = "the sign-in has failed: login or password are wrong, or it is not possible now";
    Problem::new(Code::SignInFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAYS: [Way; 6] = [
        Way::Basic,
        Way::Session,
        Way::Cookie,
        Way::Token,
        Way::Client,
        Way::Issuer,
    ];

    fn usual() -> Facts {
        Facts {
            user_type: Some(UserType::Internal),
            active: true,
            locked: false,
            basic_allowed: true,
            application_allows: true,
            local_allowed: true,
            windows_met: true,
            two_factor: false,
            has_role: true,
        }
    }

    #[test]
    fn each_type_has_its_ways() {
        // Basic, session, cookie, token, client, issuer.
        for (code, expected) in [
            ("INT", "DDDD-D"),
            ("EXT", "--II-I"),
            ("VIR", "------"),
            ("SYS", "DD-DD-"),
            ("APP", "---DD-"),
            ("INI", "------"),
            ("INE", "------"),
        ] {
            let user_type = UserType::of(code).unwrap();
            let found: String = WAYS
                .map(|way| match user_type.standing(way) {
                    Standing::Data => 'D',
                    Standing::Identity => 'I',
                    Standing::Closed => '-',
                })
                .iter()
                .collect();
            assert_eq!(found, expected, "{code}");
            assert_eq!(user_type.standing(Way::Nobody), Standing::Closed);
        }
        assert_eq!(UserType::of("int"), None);
    }

    /// Makes one fact another.
    type Break = fn(&mut Facts);

    #[test]
    fn each_fact_refuses_alone() {
        let basic = Way::Basic;
        assert_eq!(usual().before_password(basic), Ok(()));
        assert_eq!(usual().after_password(Way::Cookie), Ok(()));
        #[rustfmt::skip]
        let before: [(Break, Way, Reason); 9] = [
            (|f| f.locked = true, Way::Session, Reason::Locked),
            (|f| f.user_type = None, Way::Session, Reason::Way),
            (|f| f.user_type = Some(UserType::Application), Way::Session, Reason::Way),
            (|f| f.user_type = Some(UserType::System), Way::Cookie, Reason::Way),
            (|f| f.basic_allowed = false, Way::Basic, Reason::Basic),
            (|f| f.two_factor = true, Way::Basic, Reason::Basic),
            (|f| f.application_allows = false, Way::Basic, Reason::Application),
            (|f| f.local_allowed = false, Way::Session, Reason::Domain),
            (|f| f.windows_met = false, Way::Session, Reason::Windows),
        ];
        for (change, way, reason) in before {
            let mut facts = usual();
            change(&mut facts);
            assert_eq!(facts.before_password(way), Err(reason), "{facts:?}");
        }
        let mut facts = usual();
        facts.active = false;
        assert_eq!(facts.after_password(basic), Err(Reason::Inactive));
        let mut facts = usual();
        facts.has_role = false;
        for (way, expected) in [
            (Way::Session, Err(Reason::Role)),
            (Way::Cookie, Err(Reason::Role)),
            (Way::Basic, Ok(())),
        ] {
            assert_eq!(facts.after_password(way), expected, "{way:?}");
        }
        facts.user_type = Some(UserType::System);
        assert_eq!(facts.after_password(Way::Session), Ok(()));
    }

    #[test]
    fn a_machine_keeps_its_password_and_needs_no_role() {
        let machine = Facts {
            user_type: Some(UserType::System),
            local_allowed: false,
            has_role: false,
            ..usual()
        };
        assert_eq!(machine.before_password(Way::Basic), Ok(()));
        assert_eq!(machine.after_password(Way::Session), Ok(()));
    }

    #[test]
    fn only_the_right_password_is_told_a_reason() {
        let all = [
            Reason::Unknown,
            Reason::Password,
            Reason::Code,
            Reason::Locked,
            Reason::Way,
            Reason::Basic,
            Reason::Application,
            Reason::Domain,
            Reason::Windows,
            Reason::Inactive,
            Reason::Role,
        ];
        for reason in all {
            assert_eq!(reason.problem(false).to_string(), failed().to_string());
            let told = reason.problem(true).code() == Code::SignInRefused;
            let secret = [Reason::Unknown, Reason::Password, Reason::Locked];
            assert_eq!(told, !secret.contains(&reason), "{reason:?}");
        }
    }
}
