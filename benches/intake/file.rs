//! Files of plans as a large authority sends them: each of another child, in no order.

use std::fmt::Write;

/// The names of the plans' columns, and of the head's.
const HEAD_COLUMNS: &str = "file_sequence,record_count,created_at,authority,authority_name,\
                            emergency_phone,office_phone\r\n";
const COLUMNS: &str = "plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,\
                       delete_date,family_name,given_names\r\n";

/// Nine digits that no person's number begins with: 999 and six others.
const NINE_DIGITS_FIRST: u64 = 999_000_000;

/// How many such numbers there are.
const NINE_DIGITS: u64 = 1_000_000;

/// A step through all of them that comes by each once, since it shares no divisor with their count.
const STEP: u64 = 618_033;

/// The rows of a file, and how many they are.
pub struct Rows {
    text: String,
    count: usize,
}

impl Rows {
    /// So many rows after the first `skipped` that there are: other children than of other rows.
    pub fn of(authority: &str, skipped: usize, count: usize) -> Self {
        let mut text = String::new();
        let numbers = (0_u64..).zip(nhs_numbers()).skip(skipped).take(count);
        for (place, number) in numbers {
            let kind = if place % 3 == 0 { "CLA" } else { "CPP" };
            let (year, day) = (2010 + place % 14, 1 + place % 28);
            // Writing to a string cannot fail.
            let _written = write!(
                text,
                "{kind},{number},LA-{:08},{authority},{year}-04-{day:02},2026-01-{day:02},,,\
                 Okonkwo,Ada Grace\r\n",
                place * 7_919 % 99_999_989
            );
        }
        Self { text, count }
    }

    /// The rows without what stands above them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The rows as a file of this number.
    pub fn file(&self, authority: &str, sequence: u32) -> String {
        let (count, text) = (self.count, &self.text);
        format!(
            "{HEAD_COLUMNS}{sequence},{count},2026-01-31T02:00:00Z,{authority},Synthetic Council,\
             01632960001,01632961001\r\n{COLUMNS}{text}"
        )
    }
}

/// Valid NHS numbers of nobody, each once, in no order.
fn nhs_numbers() -> impl Iterator<Item = u64> {
    (0..NINE_DIGITS).filter_map(|place| {
        let nine = NINE_DIGITS_FIRST + place * STEP % NINE_DIGITS;
        let mut rest = nine;
        let mut sum = 0;
        for weight in 2..=10 {
            sum += rest % 10 * weight;
            rest /= 10;
        }
        let check = (11 - sum % 11) % 11;
        (check < 10).then_some(nine * 10 + check)
    })
}
