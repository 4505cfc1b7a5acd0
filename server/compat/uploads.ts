/** Commands whose body in version 1 is a file. */
export const uploads: ReadonlySet<string> = new Set([
  'addcert',
  'addintermediate',
  'restorecert',
  'restore',
  'uploadtemplate',
  'uploadvserrfile',
  'fetchleaccount',
  'fetchacmeaccount',
  'addowaspcustomrule',
  'addowaspcustomdata',
  'addwafcustomrule',
  'addwafcustomdata',
]);
