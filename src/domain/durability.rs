//! When what is committed is durable: an answer is told only then.

/// When what is committed is durable, so that an answer may be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// When PostgreSQL, on one machine, has it on its disk.
    #[default]
    Single,
    /// When a synchronous standby of PostgreSQL has it on its disk too, by its own word.
    Replicated,
    /// When PostgreSQL says so: storage that the provider of a managed database keeps.
    Managed,
}

impl Durability {
    /// Every kind there is.
    const ALL: [Self; 3] = [Self::Single, Self::Replicated, Self::Managed];

    /// Reads a kind by its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Replicated => "replicated",
            Self::Managed => "managed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Durability;

    #[test]
    fn durability_is_read_by_its_name_and_by_nothing_else() {
        for kind in Durability::ALL {
            assert_eq!(Durability::parse(kind.name()), Some(kind));
        }
        for text in ["", "Single", "async", "single,replicated"] {
            assert_eq!(Durability::parse(text), None, "{text}");
        }
    }
}
