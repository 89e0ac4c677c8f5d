"""The ground floor: errors and plain values every room shares. Standard library only."""
