#!/bin/sh
# Writes the archives under fixtures/formats/7z, zip and tar. Needs Debian's p7zip-full, zip, bzip2,
# xz-utils and python3. Times of files are fixed; salts of the encrypted ones are not.
set -eu
WORK=$(mktemp -d)
F="$(cd "$(dirname "$0")/../fixtures/formats" && pwd)"
mkdir -p "$F/7z" "$F/zip" "$F/tar"; rm -rf "$F"/7z/* "$F"/zip/* "$F"/tar/*; mkdir -p "$WORK/账单"; cd "$WORK"
python3 - <<'PY'
open('plain.csv','w').write('a,b\n'+''.join(f'{i},{i*3 % 17}.50\n' for i in range(200)))
open('账单/一月.csv','w').write('账号,金额\n'+''.join(f'100{i},12.50\n' for i in range(50)))
open('empty.txt','w')
PY
T="--owner=0 --group=0 --mtime=2024-01-01"
touch -d 2024-01-01 plain.csv 账单/一月.csv empty.txt 账单
Z="7z a -bd -bso0"
$Z -ms=on "$F"/7z/solid.7z .
$Z -m0=PPMd "$F"/7z/ppmd.7z plain.csv; $Z -m0=BZip2 "$F"/7z/bzip2.7z plain.csv; $Z -m0=Deflate "$F"/7z/deflate.7z plain.csv
$Z -psecret "$F"/7z/encrypted.7z plain.csv; $Z -psecret -mhe=on "$F"/7z/encrypted-names.7z plain.csv
$Z -m0=LZMA -mf=BCJ2 "$F"/7z/filtered.7z plain.csv
$Z -m0=Copy "$F"/7z/stored.7z plain.csv
ln -sf plain.csv link.csv; $Z -snl "$F"/7z/link.7z link.csv plain.csv; rm link.csv
for m in Deflate64 BZip2 LZMA PPMd; do $Z -tzip -mm=$m "$F"/zip/$(echo $m | tr A-Z a-z).zip plain.csv; done
$Z -tzip -mm=xz "$F"/zip/xz.zip plain.csv
$Z -tzip -psecret "$F"/zip/zipcrypto.zip plain.csv;  $Z -tzip -psecret -mem=AES256 "$F"/zip/aes.zip plain.csv
ln -s ../../etc/passwd l; mkfifo p; ln plain.csv hard.csv; tar cf - $T plain.csv l p hard.csv | cat > "$F"/tar/links.tar; zip -q -y "$F"/zip/link.zip l plain.csv; rm l p hard.csv
bzip2 -k -c plain.csv > "$F"/tar/plain.csv.bz2; xz -c plain.csv > "$F"/tar/plain.csv.xz
tar cJf "$F"/tar/folder.tar.xz $T 账单 plain.csv; tar cjf "$F"/tar/folder.tar.bz2 $T 账单 plain.csv
L=$(python3 -c "print('很长的名字'*12)"); cp plain.csv $L.csv; tar cf "$F"/tar/long-name.tar $T $L.csv; tar --format=pax -cf "$F"/tar/long-name-pax.tar $T $L.csv; rm $L.csv
truncate -s 4096 s.bin; printf 'a,b\n1,2\n' > s.csv; truncate -s 1M s.csv; tar cSf "$F"/tar/sparse.tar $T s.csv; rm s.bin s.csv
