//! How many of a service run, and what makes them more or fewer.

use std::num::NonZeroU16;

/// Replicas of a service: from `min` to `max`, with a CPU target if they scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    min: NonZeroU16,
    max: NonZeroU16,
    cpu: Option<CpuTarget>,
}

/// Why numbers are no capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapacityError {
    /// None at all.
    #[error("at least 1 replica runs")]
    Zero,
    /// The bounds are the wrong way round.
    #[error("`max` is at least `min`")]
    MaxBelowMin,
    /// More than any account may start.
    #[error("at most {} replicas run", Capacity::MOST)]
    TooMany,
}

impl Capacity {
    /// The most replicas that can be asked for.
    pub const MOST: u16 = 1000;

    /// The bounds, checked, and the CPU target.
    pub fn new(min: u16, max: u16, cpu: Option<CpuTarget>) -> Result<Self, CapacityError> {
        let (Some(least), Some(most)) = (NonZeroU16::new(min), NonZeroU16::new(max)) else {
            return Err(CapacityError::Zero);
        };
        if most < least {
            return Err(CapacityError::MaxBelowMin);
        }
        if max > Self::MOST {
            return Err(CapacityError::TooMany);
        }
        Ok(Self { min: least, max: most, cpu })
    }

    /// The fewest that run.
    pub fn min(self) -> u16 {
        self.min.get()
    }

    /// The most that run.
    pub fn max(self) -> u16 {
        self.max.get()
    }

    /// The CPU use that scaling keeps to.
    pub fn cpu(self) -> Option<CpuTarget> {
        self.cpu
    }
}

/// A CPU use in percent of one replica's share, 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuTarget(u8);

/// Why a number is no CPU target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CPU target is a percentage from 1 to 100")]
pub struct CpuTargetError;

impl CpuTarget {
    /// The target, if it is a percentage above 0.
    pub fn new(percent: u8) -> Result<Self, CpuTargetError> {
        if (1..=100).contains(&percent) { Ok(Self(percent)) } else { Err(CpuTargetError) }
    }

    /// In percent.
    pub fn percent(self) -> u8 {
        self.0
    }
}
