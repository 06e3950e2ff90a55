"""The terms a student is trained on. Each file is one term; every function is pure and works on flat positions."""
