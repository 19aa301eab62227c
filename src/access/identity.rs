//! Who a request comes from, once that is proved.

use uuid::Uuid;

/// What a sign-in allows, whoever signed in (`docs/SECURITY.md`, *Scopes*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes {
    /// `read`: reading data.
    pub read: bool,
    /// `update`: changing data.
    pub update: bool,
    /// `sec`: the reserved part of the security area.
    pub sec: bool,
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self {
        read: true,
        update: true,
        sec: true,
    };
    /// What a person who signs in with a password gets.
    pub const USUAL: Self = Self {
        read: true,
        update: true,
        sec: false,
    };
    /// Nothing.
    pub const NONE: Self = Self {
        read: false,
        update: false,
        sec: false,
    };

    /// The scopes that a list separated by blanks names; unknown words are left out.
    pub fn parse(list: &str) -> Self {
        let has = |scope| list.split_ascii_whitespace().any(|word| word == scope);
        Self {
            read: has("read"),
            update: has("update"),
            sec: has("sec"),
        }
    }

    /// Whether all of `other` is in these.
    pub const fn cover(self, other: Self) -> bool {
        (self.read || !other.read) && (self.update || !other.update) && (self.sec || !other.sec)
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            read: self.read && other.read,
            update: self.update && other.update,
            sec: self.sec && other.sec,
        }
    }

    /// The names of the scopes, separated by blanks.
    pub fn text(self) -> String {
        let all = [
            (self.read, "read"),
            (self.update, "update"),
            (self.sec, "sec"),
        ];
        let held: Vec<_> = all.iter().filter(|(held, _)| *held).collect();
        held.iter().map(|(_, n)| *n).collect::<Vec<_>>().join(" ")
    }
}

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// HTTP Basic: login and password with each request.
    Basic,
    /// `Authorization: ErpSession`.
    Session,
    /// The cookie of the pages.
    Cookie,
    /// A reference token: `enrt_…`.
    Token,
    /// An access token of this service: client credentials.
    Client,
    /// A token of an outside issuer.
    Issuer,
    /// Not at all.
    Nobody,
}

impl Way {
    /// The way of a word.
    pub fn named(word: &str) -> Option<Self> {
        let all = [
            Self::Basic,
            Self::Session,
            Self::Cookie,
            Self::Token,
            Self::Client,
            Self::Issuer,
        ];
        all.into_iter().find(|way| way.word() == word)
    }

    /// The word for logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Session => "session",
            Self::Cookie => "cookie",
            Self::Token => "token",
            Self::Client => "client",
            Self::Issuer => "issuer",
            Self::Nobody => "nobody",
        }
    }
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The key of the user.
    pub user: Uuid,
    /// The login of the user.
    pub login: String,
    /// Whether the user is an administrator: by the own mark, or as a member of a group of
    /// administrators.
    pub administrator: bool,
    /// What the sign-in allows.
    pub scopes: Scopes,
    /// How the user signed in.
    pub way: Way,
    /// The session, where there is one.
    pub session: Option<Uuid>,
    /// The program that signed in, where it is a registered one.
    pub application: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_compared() {
        let both = Scopes::parse("read  update openid");
        assert_eq!(both, Scopes::USUAL);
        assert_eq!(both.text(), "read update");
        assert!(Scopes::ALL.cover(both) && !both.cover(Scopes::ALL));
        assert_eq!(both.and(Scopes::parse("sec read")).text(), "read");
        assert!(Scopes::NONE.text().is_empty());
    }
}
