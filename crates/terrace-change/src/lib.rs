//! What a deployment would change, in words that a person can weigh: resources, exposure, permissions, money.
