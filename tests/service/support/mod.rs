//! What the chapters share: a service of their own, with a clock they stop, callers, and uploads.

mod answers;
mod clock;
mod database;
mod logs;
mod plans;
mod searches;
mod service;

pub use answers::Answer;
pub use database::cluster;
pub use logs::assert_logs_say_nothing_of_children;
pub use plans::{PlanLine, a_plan, file};
pub use searches::{a_doctor, nhs};
pub use service::{TestService, form};
