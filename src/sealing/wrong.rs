//! What a verification finds: the first thing that is wrong, by its row, and nothing of a child.

use std::fmt;

/// What was verified, and the first thing that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many rows agree with their leaves.
    pub rows: u64,
    /// The months they were of: how many rows each, and which leaves.
    pub months: Vec<RetiredMonth>,
    /// How many checkpoints agree with the tree.
    pub checkpoints: u64,
    /// How many rows were sealed later than they should have been.
    pub late: u64,
    /// The first of these.
    pub first_late: Option<RowNamed>,
    /// The first thing that is wrong.
    pub wrong: Option<Wrong>,
}

/// A month that was retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredMonth {
    /// The month.
    pub month: String,
    /// How many rows it had.
    pub rows: u64,
    /// Their leaves.
    pub leaves: String,
}

/// A row, as the operator is told of it: nothing of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowNamed {
    /// What kind of row.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its moment.
    pub at: String,
    /// Its leaf; none where it has none.
    pub leaf: Option<u64>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The row is not what was sealed.
    RowChanged(RowNamed),
    /// The access is not the one that was answered: it was changed before it was sealed.
    NotAsAnswered(RowNamed),
    /// The row is gone.
    RowGone(RowNamed),
    /// There is another row that cannot be told from it.
    RowDoubled(RowNamed),
    /// The row is not sealed, and should be.
    RowNotSealed(RowNamed),
    /// No leaf has this place, though later ones are there.
    LeafGone(u64),
    /// A month is said to be retired, and not by us.
    RetirementForged(String),
    /// What is kept of the rows of a month that was retired is not what left.
    RetiredChanged(String),
    /// The leaf is of no kind of row that is known.
    LeafOfNoKind(RowNamed),
    /// The root of a subtree that ends with this row is not kept as it is.
    Subtree(RowNamed),
    /// A checkpoint is not to be believed.
    Checkpoint(String),
    /// The tree was signed with another root: one of the leaves from this row on, up to the size,
    /// was not what it is now.
    Signed {
        /// The first leaf that no earlier checkpoint vouches for.
        first: Option<RowNamed>,
        /// The size of the tree that was signed.
        size: u64,
    },
    /// More was signed than there is: the leaves from this place on are gone.
    TailGone {
        /// The first leaf that is gone.
        from: u64,
        /// The size of the tree that was signed.
        size: u64,
    },
}

impl Wrong {
    /// The leaf that is named, or the first of those.
    #[must_use]
    pub fn leaf(&self) -> Option<u64> {
        match self {
            Self::RowChanged(row)
            | Self::NotAsAnswered(row)
            | Self::RowGone(row)
            | Self::RowDoubled(row)
            | Self::RowNotSealed(row)
            | Self::LeafOfNoKind(row)
            | Self::Subtree(row) => row.leaf,
            Self::LeafGone(leaf) => Some(*leaf),
            Self::Signed { first, .. } => first.as_ref()?.leaf,
            Self::TailGone { from, .. } => Some(*from),
            Self::Checkpoint(_) | Self::RetirementForged(_) | Self::RetiredChanged(_) => None,
        }
    }
}

impl fmt::Display for RowNamed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, at, leaf } = self;
        write!(formatter, "{kind} {id} of {at}")?;
        match leaf {
            Some(leaf) => write!(formatter, " (leaf {leaf})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowChanged(row) => {
                write!(
                    formatter,
                    "{row}: the row, or its leaf, is not what was sealed"
                )
            }
            Self::NotAsAnswered(row) => {
                write!(
                    formatter,
                    "{row}: the access is not the one that was answered, or is gone"
                )
            }
            Self::RowGone(row) => write!(formatter, "{row}: the row is gone"),
            Self::RowDoubled(row) => write!(formatter, "{row}: there is a second row like it"),
            Self::RowNotSealed(row) => write!(formatter, "{row}: the row is not sealed"),
            Self::LeafGone(leaf) => write!(formatter, "leaf {leaf} is gone"),
            Self::LeafOfNoKind(row) => write!(formatter, "{row}: no such kind of row is sealed"),
            Self::RetirementForged(month) => {
                write!(formatter, "the retirement of {month} is none of ours")
            }
            Self::RetiredChanged(month) => write!(
                formatter,
                "what is kept of the rows of {month} is not what was retired"
            ),
            Self::Subtree(row) => {
                write!(
                    formatter,
                    "{row}: the root kept of a subtree that ends here is wrong"
                )
            }
            Self::Checkpoint(why) => write!(formatter, "a checkpoint is not to be believed: {why}"),
            Self::Signed { first, size } => {
                write!(
                    formatter,
                    "the tree of {size} leaves is not the one that was signed"
                )?;
                match first {
                    Some(row) => write!(formatter, "; the first row in doubt is {row}"),
                    None => Ok(()),
                }
            }
            Self::TailGone { from, size } => write!(
                formatter,
                "{size} leaves were signed, and from leaf {from} on they are gone"
            ),
        }
    }
}
