//! Plans as a local authority writes them down: `a_plan().looked_after().child("9990000034")`.

/// A line of an upload file. Unless told otherwise: a child protection plan of a child of eleven,
/// since January, told by `E90001`.
#[derive(Clone)]
pub struct PlanLine {
    /// Which plan, whose, from whom and from when until when, as written.
    pub kind: String,
    /// The NHS number.
    pub nhs_number: String,
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// The authority.
    pub authority: String,
    /// The date of birth.
    pub birth_date: String,
    /// The first day.
    pub start: String,
    /// The last day.
    pub end: String,
    /// The day of withdrawal.
    pub deleted: String,
    /// The family name.
    pub family: String,
    /// All given names.
    pub given: String,
}

/// A plan to say more about.
pub fn a_plan() -> PlanLine {
    PlanLine {
        kind: "CPP".into(),
        nhs_number: "9990000026".into(),
        local_id: "H-1".into(),
        authority: "E90001".into(),
        birth_date: "2015-04-01".into(),
        start: "2026-01-10".into(),
        end: String::new(),
        deleted: String::new(),
        family: "Okonkwo".into(),
        given: "Ada Grace".into(),
    }
}

macro_rules! said {
    ($($(#[$words:meta])* $name:ident => $field:ident),* $(,)?) => {$(
        $(#[$words])*
        pub fn $name(mut self, said: &str) -> Self {
            self.$field = said.to_owned();
            self
        }
    )*};
}

impl PlanLine {
    said! {
        /// Of this kind.
        kind => kind,
        /// Of the child with this NHS number.
        child => nhs_number,
        /// Under this identifier of the authority's.
        local_id => local_id,
        /// Told by this authority.
        of => authority,
        /// Of a child born on this day.
        born => birth_date,
        /// From this day.
        from => start,
        /// Until this day.
        until => end,
        /// Withdrawn on this day.
        withdrawn => deleted,
    }

    /// As the line of a file.
    pub fn line(&self) -> String {
        [
            &self.kind,
            &self.nhs_number,
            &self.local_id,
            &self.authority,
            &self.birth_date,
            &self.start,
            &self.end,
            &self.deleted,
            &self.family,
            &self.given,
        ]
        .map(String::as_str)
        .join(",")
    }
}

/// A file of plans, as the authority of the first (or `E90001`) sends it.
pub fn file(sequence: i64, plans: &[PlanLine]) -> String {
    let authority = plans.first().map_or("E90001", |plan| &plan.authority);
    let (name, emergency) = match authority {
        "E90002" => ("Southmere Borough Council", "01632 960011"),
        _ => ("Northshire Council", "01632 960001"),
    };
    let mut file = format!(
        "file_sequence,record_count,created_at,authority,authority_name,emergency_phone,\
         office_phone\n{sequence},{},2026-01-01T02:00:00Z,{authority},{name},{emergency},\n\
         plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,delete_date,\
         family_name,given_names\n",
        plans.len()
    );
    for plan in plans {
        file.push_str(&plan.line());
        file.push('\n');
    }
    file
}
