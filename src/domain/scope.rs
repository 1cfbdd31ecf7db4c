//! What a token is for: the two scopes of local authorities' systems, and SMART's, version 2, which
//! narrow what a role allows
//! (<https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html>).

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

/// The scope that lets a local authority's own system upload plans.
pub const UPLOAD_SCOPE: &str = "plans.upload";

/// The scope that lets a local authority's own system read what the authority is told.
pub const NOTIFICATIONS_SCOPE: &str = "notifications.read";

/// The longest scope, in bytes.
const SCOPE_BYTES_MAX: usize = 80;

/// For whom a SMART scope is: a person at work, or software alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeContext {
    /// A person (`user/`).
    User,
    /// Software without a person (`system/`).
    System,
}

/// What a SMART scope permits, in the order in which it names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// `c`
    Create,
    /// `r`: read, vread, and the history of one resource.
    Read,
    /// `u`
    Update,
    /// `d`
    Delete,
    /// `s`: search, and the history of a type.
    Search,
}

impl Permission {
    const ALL: [(char, Self); 5] = [
        ('c', Self::Create),
        ('r', Self::Read),
        ('u', Self::Update),
        ('d', Self::Delete),
        ('s', Self::Search),
    ];

    fn letter(self) -> char {
        let found = Self::ALL.iter().find(|(_, permission)| *permission == self);
        found.map_or('?', |(letter, _)| *letter)
    }
}

/// One scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `plans.upload`
    Upload,
    /// `notifications.read`
    Notifications,
    /// Such as `system/Flag.rs` or `user/*.rs`.
    Smart {
        /// For whom.
        context: ScopeContext,
        /// The kind of resource; none for every kind.
        kind: Option<String>,
        /// What is permitted.
        permissions: BTreeSet<Permission>,
    },
}

/// The text is no scope that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a scope is plans.upload, notifications.read, or SMART's of version 2 for user or system, such \
     as system/Flag.rs or user/*.rs, with its permissions in the order cruds"
)]
pub struct ScopeError;

impl Scope {
    /// Reads one scope.
    ///
    /// # Errors
    /// [`ScopeError`].
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        match text {
            UPLOAD_SCOPE => Ok(Self::Upload),
            NOTIFICATIONS_SCOPE => Ok(Self::Notifications),
            _ => smart(text).ok_or(ScopeError),
        }
    }

    /// Whether whoever was given this scope has been given the other with it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Smart {
                    context,
                    kind,
                    permissions,
                },
                Self::Smart {
                    context: of,
                    kind: wanted,
                    permissions: asked,
                },
            ) => {
                context == of && (kind.is_none() || kind == wanted) && asked.is_subset(permissions)
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload => formatter.write_str(UPLOAD_SCOPE),
            Self::Notifications => formatter.write_str(NOTIFICATIONS_SCOPE),
            Self::Smart {
                context,
                kind,
                permissions,
            } => {
                let context = match context {
                    ScopeContext::User => "user",
                    ScopeContext::System => "system",
                };
                let letters: String = permissions.iter().map(|one| one.letter()).collect();
                let kind = kind.as_deref().unwrap_or("*");
                write!(formatter, "{context}/{kind}.{letters}")
            }
        }
    }
}

fn smart(text: &str) -> Option<Scope> {
    let (context, rest) = text.split_once('/')?;
    let context = match context {
        "user" => ScopeContext::User,
        "system" => ScopeContext::System,
        _ => return None,
    };
    let (kind, letters) = rest.split_once('.')?;
    let is_kind = kind.starts_with(|first: char| first.is_ascii_uppercase())
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    let kind = match kind {
        "*" => None,
        kind if is_kind && text.len() <= SCOPE_BYTES_MAX => Some(kind.to_owned()),
        _ => return None,
    };
    let mut permissions = BTreeSet::new();
    for letter in letters.chars() {
        let (_, permission) = Permission::ALL.iter().find(|(one, _)| *one == letter)?;
        // In their order, so that a set of permissions has one spelling.
        if permissions.last().is_some_and(|last| last >= permission) {
            return None;
        }
        permissions.insert(*permission);
    }
    (!permissions.is_empty()).then_some(Scope::Smart {
        context,
        kind,
        permissions,
    })
}

/// The scopes of a token or of a client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes {
    named: BTreeSet<Scope>,
    narrows: bool,
}

impl Scopes {
    /// Reads scopes that must all be known: what is asked for, or registered.
    ///
    /// # Errors
    /// [`ScopeError`] for the first that is not.
    pub fn known<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeError> {
        let named = words
            .into_iter()
            .map(Scope::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self::of(named))
    }

    /// The scopes of an issuer's token, which may name more than there is here. What begins as a
    /// SMART scope and is none that is known narrows too, to nothing.
    pub fn claimed<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut named, mut narrows) = (BTreeSet::new(), false);
        for word in words {
            narrows |= ["user/", "system/", "patient/"]
                .iter()
                .any(|context| word.starts_with(context));
            named.extend(Scope::parse(word).ok());
        }
        Self { named, narrows }
    }

    fn of(named: BTreeSet<Scope>) -> Self {
        let narrows = named.iter().any(|one| matches!(one, Scope::Smart { .. }));
        Self { named, narrows }
    }

    /// Each scope, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.named.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether one of them covers a scope.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        self.named.iter().any(|one| one.covers(scope))
    }

    /// Those of them that are wanted.
    #[must_use]
    pub fn only(&self, is_wanted: impl Fn(&Scope) -> bool) -> Self {
        let wanted = self.named.iter().filter(|one| is_wanted(one)).cloned();
        Self::of(wanted.collect())
    }

    /// What is left of them where no more than these are allowed. Where nothing narrows them yet,
    /// these do; a scope wider than is allowed counts for nothing.
    #[must_use]
    pub fn within(&self, allowed: &Self) -> Self {
        let mut within = self.only(|one| allowed.covers(one));
        if !self.narrows {
            let smart = |one: &&Scope| matches!(one, Scope::Smart { .. });
            within.named.extend(allowed.iter().filter(smart).cloned());
        }
        within.narrows = self.narrows || allowed.narrows;
        within
    }

    /// Whether they permit something of a kind of resource. Where none is SMART's, the role alone
    /// decides.
    #[must_use]
    pub fn permit(&self, context: ScopeContext, kind: &str, permission: Permission) -> bool {
        let wanted = Scope::Smart {
            context,
            kind: Some(kind.to_owned()),
            permissions: BTreeSet::from([permission]),
        };
        !self.narrows || self.covers(&wanted)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.named.iter().map(Scope::to_string).collect();
        formatter.write_str(&words.join(" "))
    }
}

#[cfg(test)]
#[path = "scope_rules.rs"]
mod rules;
