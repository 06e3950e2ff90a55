"""The student as a LangChain chat model, over three runtimes."""
