# What people make here is not everybody's to read, and a forgotten shell ends.
umask 027
TMOUT=3600
export TMOUT
