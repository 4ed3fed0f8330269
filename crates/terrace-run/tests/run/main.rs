//! Whole runs, seen from outside: through `up`, its events, its control socket, its page, and the processes of this
//! machine. The database is a real PostgreSQL.

mod faults;
mod life;
mod migration;
mod orphans;
#[path = "../../parts/plan.rs"]
mod plan;
mod rehearsal;
mod renewal;
mod stage;
mod starts;
