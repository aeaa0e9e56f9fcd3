SET threads = {{threads}};
